"""Readings of one topic of one device: aligned rows by position or by time, at the same cost at any depth."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from bessline.signals import lookup
from bessline.sources.base import Float64, Int64
from bessline.store.align import Instants, as_of
from bessline.store.overlay import Column, Timeline


@dataclass(frozen=True, slots=True)
class Readings:
    """Aligned rows of `topic`: stamps int64[n] (ms, UTC), one float64[n] column a field, NaN where there is no value.

    `ages_s` holds, where asked for, the age of each value in seconds, float64[n] a field.
    """

    device_id: str
    topic: str
    t_ms: Int64
    columns: dict[str, Float64]
    ages_s: dict[str, Float64] | None = None

    def __len__(self) -> int:
        return len(self.t_ms)

    def rows(self) -> list[dict[str, object]]:
        """One dictionary a row: ``timestamp``, then the fields in the order of the contract; no value is None."""
        names = ("timestamp", *self.columns)
        columns = [stamps(self.t_ms), *(_plain(self.topic, name, column) for name, column in self.columns.items())]
        rows: list[dict[str, object]] = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        if self.ages_s is not None:
            ages = zip(*(_or_none(column) for column in self.ages_s.values()), strict=True)
            for row, age in zip(rows, ages, strict=True):
                row["ages_s"] = dict(zip(self.ages_s, age, strict=True))
        return rows

    def since(self, t_ms: int) -> Readings:
        """The rows with a stamp later than `t_ms`."""
        start = int(np.searchsorted(self.t_ms, t_ms, side="right"))
        ages = None if self.ages_s is None else {name: column[start:] for name, column in self.ages_s.items()}
        columns = {name: column[start:] for name, column in self.columns.items()}
        return Readings(self.device_id, self.topic, self.t_ms[start:], columns, ages)


def stamps(t_ms: Int64) -> list[str]:
    """RFC 3339 in UTC with milliseconds, as the contract writes time, of the years 1 to 9999.

    >>> stamps(np.array([1_714_521_600_000]))
    ['2024-05-01T00:00:00.000Z']
    """
    return list(map(bytes.decode, stamp_texts(t_ms).tolist()))


def stamp_texts(t_ms: Int64) -> npt.NDArray[np.bytes_]:
    """The same of int64[n] as bytes[n] of 24 characters; made from tables, as few days are many stamps'.

    >>> stamp_texts(np.array([-1, 59_999])).tolist()
    [b'1969-12-31T23:59:59.999Z', b'1970-01-01T00:00:59.999Z']
    """
    day = t_ms // _DAY_MS
    ms = (t_ms - day * _DAY_MS).astype(np.int32)
    minute = ms // 60_000
    ms -= minute * 60_000
    second = ms // 1000
    ms -= second * 1000
    texts = np.empty(len(t_ms), [("day", "S10"), ("minute", "S6"), ("second", "S4"), ("ms", "S4")])
    first = np.concatenate([[0], (day[1:] != day[:-1]).nonzero()[0] + 1])[: len(day)]
    days = np.datetime_as_string(day[first].astype("M8[D]")).astype("S10")
    texts["day"] = days.repeat(np.append(first[1:], len(day)) - first)
    texts["minute"], texts["second"], texts["ms"] = _MINUTES[minute], _SECONDS[second], _MILLISECONDS[ms]
    return texts.view("S24")


_DAY_MS = 86_400_000
_MINUTES = np.array([f"T{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)], "S6")
_SECONDS = np.array([f":{second:02d}." for second in range(60)], "S4")
_MILLISECONDS = np.array([f"{ms:03d}Z" for ms in range(1000)], "S4")


@cache
def is_flag(topic: str, name: str) -> bool:
    """Whether a field of a reading of `topic` is a whole number; those of ``bess`` carry their topic before them.

    >>> is_flag("safety", "fa1_smoke_flag"), is_flag("bess", "safety_fa1_smoke_flag"), is_flag("bms", "soc")
    (True, True, False)
    """
    if topic == "bess":
        topic, _, name = name.partition("_")
    signal = lookup(topic, name)
    return signal is not None and signal.kind == "flag"


def _plain(topic: str, name: str, column: Float64) -> list[float | None] | list[int | None]:
    if is_flag(topic, name):
        return [None if value != value else int(value) for value in column.tolist()]
    return _or_none(column)


def _or_none(column: Float64) -> list[float | None]:
    return [None if value != value else value for value in column.tolist()]


@dataclass(frozen=True, slots=True)
class Feed:
    """One column's rows and how long its values hold (ms)."""

    file: Column
    tolerance_ms: int


class ReadingsFile:
    """The readings of one topic of one device.

    Parameters
    ----------
    timeline: the stamps at which a reading exists.
    feeds: for each field of a reading its file, or ``None`` where the device does not measure it.
    """

    def __init__(self, device_id: str, topic: str, *, timeline: Timeline, feeds: Mapping[str, Feed | None]) -> None:
        self.device_id, self.topic = device_id, topic
        self._timeline, self._feeds = timeline, feeds

    def span(self, start_ms: int | None, end_ms: int | None) -> tuple[int, int]:
        """Positions [first, last) of the readings in [start_ms, end_ms); ``None`` is open."""
        first = 0 if start_ms is None else self._timeline.position(start_ms)
        last = self._timeline.rows if end_ms is None else self._timeline.position(end_ms)
        return first, max(first, last)

    def at(
        self, first: int, last: int, *, fields: tuple[str, ...], ages: bool = False, threads: Executor | None = None
    ) -> Readings:
        """The readings at positions [first, last); `threads` may read columns ahead of those that are aligned here."""
        t_ms = self._timeline.stamps(first, last)
        observed = partial(self._observed, t_ms=t_ms)
        # reading leaves the interpreter to others, aligning asks for it at every step: two that align wait in turns
        rows = map(observed, fields) if threads is None else threads.map(observed, fields)
        align = partial(self._aligned, instants=Instants(t_ms), ages=ages)
        found = [align(name, row) for name, row in zip(fields, rows, strict=True)]
        columns = {name: value for name, (value, _) in zip(fields, found, strict=True)}
        ages_s = {name: age for name, (_, age) in zip(fields, found, strict=True) if age is not None}
        return Readings(self.device_id, self.topic, t_ms, columns, ages_s if ages else None)

    def _observed(self, name: str, *, t_ms: Int64) -> tuple[Int64, Float64]:
        feed = self._feeds[name]
        if feed is None or not len(t_ms):
            return np.empty(0, np.int64), np.empty(0)
        return feed.file.between(int(t_ms[0]) - feed.tolerance_ms, int(t_ms[-1]))

    def _aligned(
        self, name: str, observed: tuple[Int64, Float64], *, instants: Instants, ages: bool
    ) -> tuple[Float64, Float64 | None]:
        feed = self._feeds[name]
        tolerance_ms = 0 if feed is None else feed.tolerance_ms
        if ages:
            return as_of(instants.t_ms, *observed, tolerance_ms=tolerance_ms)
        return instants.values(*observed, tolerance_ms=tolerance_ms), None
