"""A batch: what one request of live input brought, as it is kept in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import orjson

from bessline.sources.base import Float64, Int64


@dataclass(frozen=True, slots=True)
class Observed:
    """Values of one field in the order in which they came.

    `t_ms`: int64[n], UTC. `value`: float64[n], NaN for an explicit missing marker. `row`: int64[n], which row of the
    request each stood in.
    """

    t_ms: Int64
    value: Float64
    row: Int64


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one topic of one device.

    Parameters
    ----------
    signals: what was observed, by field.
    rows: how many rows the request had.
    whole_rows: a topic that is new begins with its own stamps (else with a grid); a known topic keeps its rule.
    timezone: IANA zone of the local days of a device that has none yet.
    """

    device_id: str
    topic: str
    signals: dict[str, Observed]
    rows: int
    whole_rows: bool = True
    timezone: str | None = None

    @property
    def stamps(self) -> Int64:
        """The different stamps, rising."""
        if not self.signals:
            return np.empty(0, np.int64)
        return np.unique(np.concatenate([seen.t_ms for seen in self.signals.values()]))

    def encode(self) -> bytes:
        """The batch as a record of the journal.

        >>> seen = Observed(np.array([5, 9]), np.array([1.5, np.nan]), np.array([0, 1]))
        >>> batch = Batch.decode(Batch("b1", "bms", {"soc": seen}, rows=2).encode())
        >>> batch.device_id, batch.signals["soc"].t_ms, batch.signals["soc"].value
        ('b1', array([5, 9]), array([1.5, nan]))
        """
        said = {
            "device": self.device_id,
            "topic": self.topic,
            "rows": self.rows,
            "whole": self.whole_rows,
            "zone": self.timezone,
            "signals": {name: (seen.t_ms, seen.value) for name, seen in self.signals.items()},
        }
        return orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY)

    @classmethod
    def decode(cls, record: bytes) -> Batch:
        """The inverse of `encode`; which row a value stood in is forgotten."""
        said = orjson.loads(record)
        signals = {
            name: Observed(np.array(t_ms, np.int64), np.array(value, np.float64), np.arange(len(t_ms)))
            for name, (t_ms, value) in said["signals"].items()
        }
        return cls(said["device"], said["topic"], signals, said["rows"], said["whole"], said["zone"])


@dataclass(slots=True)
class _Joined:
    first: Batch
    parts: dict[str, list[Observed]] = field(default_factory=dict)


def joined(batches: Iterable[Batch]) -> list[Batch]:
    """The same rows in the same order with one batch a topic of a device: what is read back is taken in at once."""
    found: dict[tuple[str, str], _Joined] = {}
    for batch in batches:
        group = found.setdefault((batch.device_id, batch.topic), _Joined(batch))
        for name, seen in batch.signals.items():
            group.parts.setdefault(name, []).append(seen)
    return [_one(group) for group in found.values()]


def _one(group: _Joined) -> Batch:
    signals = {}
    for name, parts in group.parts.items():
        t_ms, value = np.concatenate([p.t_ms for p in parts]), np.concatenate([p.value for p in parts])
        signals[name] = Observed(t_ms, value, np.arange(len(t_ms)))
    first = group.first
    rows = sum(len(seen.t_ms) for seen in signals.values())
    return Batch(first.device_id, first.topic, signals, rows, first.whole_rows, first.timezone)
