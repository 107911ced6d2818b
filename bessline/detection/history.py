"""A stored history as a table."""

from __future__ import annotations

import numpy as np

from bessline.detection.table import Table
from bessline.errors import BadParameter, NotKnown
from bessline.managers import DataManager, Managers
from bessline.signals import READING_TOPICS, lookup
from bessline.store import Store

MOST_ROWS = 1_000_000
_TIMELINES = ("bess", *READING_TOPICS)


def table_of(
    store: Store, device_id: str, *, start_ms: int | None, end_ms: int | None, fields: tuple[str, ...] | None
) -> Table:
    """The readings of a device in [start_ms, end_ms) on its whole timeline; `fields`, else all that are measured.

    Without being asked for, counters and flags are left out: the one only grows, the other hardly ever changes.

    Raises
    ------
    NotKnown
        a device or a field that is not there.
    BadParameter
        more than `MOST_ROWS` readings.
    """
    manager = _manager(Managers(store), device_id)
    rows = manager.count(device_id, start_ms=start_ms, end_ms=end_ms)
    if rows > MOST_ROWS:
        raise BadParameter("start", f"{rows:,} readings lie in this span, {MOST_ROWS:,} are allowed; narrow it")
    wanted = fields or tuple(name for name in manager.timeline(device_id).fields if _is_measure(manager.topic, name))
    readings = manager.page(device_id, start_ms=start_ms, end_ms=end_ms, limit=MOST_ROWS, fields=wanted)
    columns = [readings.columns[name] for name in readings.columns]
    values = np.stack(columns, axis=1) if columns else np.empty((len(readings), 0))
    return Table(tuple(readings.columns), values, t_ms=readings.t_ms)


def _manager(managers: Managers, device_id: str) -> DataManager:
    for topic in _TIMELINES:
        if device_id in managers[topic].devices():
            return managers[topic]
    raise NotKnown("device", device_id, known=managers.store.devices)


def _is_measure(topic: str, name: str) -> bool:
    part, _, field = name.partition("_") if topic == "bess" else (topic, "", name)
    signal = lookup(part, field)
    return signal is not None and signal.kind == "measure"
