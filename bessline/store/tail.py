"""The tail of a device: live input that is not in the files yet, laid over them so that both read as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bessline.sources.base import Float64, Int64
from bessline.store.batch import Batch
from bessline.store.manifest import DeviceEntry, SignalEntry
from bessline.store.overlay import OverlaidColumn, PatchedTimeline, TailColumn
from bessline.store.topic_tail import OpenColumn, TopicTails

#: So many first rows of a signal that no file knows yet tell its period.
YOUNG_ROWS = 32


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device as it reads now. It never changes: whoever holds it sees one state.

    `columns` are the signals (``topic.field``) that have rows in memory, `timelines` the topics whose stamps may differ
    from those in the files.
    """

    entry: DeviceEntry
    columns: Mapping[str, OverlaidColumn]
    timelines: Mapping[str, PatchedTimeline]


class DeviceTail:
    """Takes batches of one device over `base`, what the files hold of it (None for a new device).

    Parameters
    ----------
    open_column: opens a file that the manifest names.
    """

    def __init__(self, base: DeviceEntry | None, open_column: OpenColumn) -> None:
        self._base = base or DeviceEntry(timezone=None)
        self._open = open_column
        self._tails: dict[str, TailColumn] = {}
        self.view = DeviceView(replace(self._base, live=True), {}, {})

    def add(self, batch: Batch) -> None:
        """Take a batch in; `view` is another one afterwards."""
        entry = self.view.entry
        columns = dict(self.view.columns)
        signals = dict(entry.signals)
        grown_up = True
        for field, seen in batch.signals.items():
            name = f"{batch.topic}.{field}"
            columns[name] = self._column(name, seen.t_ms, seen.value)
            known = signals.get(name)
            signals[name] = self._signal(name, columns[name])
            grown_up = grown_up and known is not None and known.period_s == signals[name].period_s
        entry = replace(entry, signals=signals, timezone=entry.timezone or batch.timezone)
        topics = TopicTails(entry, self._base, open_column=self._open)
        topics.columns, topics.timelines = columns, dict(self.view.timelines)
        topics.update(batch, anew=not grown_up)
        self.view = DeviceView(topics.entry, columns, topics.timelines)

    def rows(self) -> Iterator[tuple[str, Int64, Float64]]:
        """Every signal (``topic.field``) with its rows in memory."""
        for name, tail in self._tails.items():
            yield name, *tail.view()

    def _column(self, name: str, t_ms: Int64, value: Float64) -> OverlaidColumn:
        tail = self._tails.setdefault(name, TailColumn())
        tail.put(t_ms, value)
        base = self._base.signals.get(name)
        return OverlaidColumn(None if base is None else self._open(base.file), *tail.view())

    def _signal(self, name: str, column: OverlaidColumn) -> SignalEntry:
        """What is known of a signal with its rows in memory. Rows that replace stored ones are counted twice."""
        base, rows = self._base.signals.get(name) or _NO_ROWS, len(column.t_ms)
        first_ms, last_ms = int(column.t_ms[0]), int(column.t_ms[-1])
        return replace(
            base,
            rows=base.rows + rows,
            markers=base.markers + int(np.isnan(column.value).sum()),
            start_ms=min(first_ms, base.start_ms) if base.rows else first_ms,
            end_ms=max(last_ms, base.end_ms) if base.rows else last_ms,
            period_s=base.period_s if base.rows else _young_period_s(column),
        )


_NO_ROWS = SignalEntry(
    file="", bytes=0, rows=0, markers=0, start_ms=0, end_ms=0, period_s=None, gaps=0, gap_s=0.0, low=None, high=None,
    out_of_range=0,
)  # fmt: skip


def _young_period_s(column: OverlaidColumn) -> float | None:
    """The median step of the first values, while no file says more."""
    t_ms = column.t_ms[~np.isnan(column.value)][:YOUNG_ROWS]
    return float(np.median(np.diff(t_ms))) / 1000 if len(t_ms) > 1 else None
