"""The pyramid of a signal as it reads now: what rows in memory change is folded anew, the rest comes from the file."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from bessline.sources.base import Float64, Int64
from bessline.store.counters import CONTEXT, NOTHING, Counting
from bessline.store.overlay import Column
from bessline.store.pyramid import LEVELS, Buckets, Level, fold, joined

_SPAN_MS, _SPAN_GROWTH = 3_600_000, 8
#: Stretches to fold anew that are this near to each other are folded as one.
_NEAR_BUCKETS = 16


class Pyramid(Protocol):
    """Buckets of one signal by level and time."""

    def between(self, level: Level, first_ms: int, last_ms: int) -> Buckets:
        """The buckets of `level` that hold an instant of first_ms <= t <= last_ms."""
        ...


class LivePyramid:
    """Buckets of `column`. Reads no more than the buckets asked for, and the rows of those that have changed.

    Parameters
    ----------
    base: the pyramid of the file below, None where there is none: then all is folded from the rows.
    changed: int64[n] rising, the stamps of the rows in memory.
    span_ms: the first and the last stamp of the column.
    counting: how a counter counts; None for what is no counter.
    """

    def __init__(
        self,
        column: Column,
        base: Pyramid | None,
        *,
        changed: Int64,
        span_ms: tuple[int, int],
        counting: Counting | None = None,
    ) -> None:
        self._column, self._base, self._changed = column, base, changed
        self._span_ms, self._counting = span_ms, counting

    def between(self, level: Level, first_ms: int, last_ms: int) -> Buckets:
        """The buckets of `level` that hold an instant of first_ms <= t <= last_ms."""
        width_ms = LEVELS[level]
        first_ms, last_ms = max(first_ms, self._span_ms[0]), min(last_ms, self._span_ms[1])
        low, high = first_ms // width_ms * width_ms, (last_ms // width_ms + 1) * width_ms - 1
        if self._base is None:
            return self._folded(level, low, high)
        parts, at = [], low
        for start, end in _stretches(self._dirty(low, high, width_ms), width_ms):
            parts += [self._base.between(level, at, start - 1)] if at < start else []
            parts.append(self._folded(level, start, end - 1))
            at = end
        return joined([*parts, self._base.between(level, at, high)] if at <= high else parts)

    def _folded(self, level: Level, low: int, high: int) -> Buckets:
        before = NOTHING
        if self._counting is not None:
            before = values_before(self._column, low, since_ms=self._span_ms[0])
        return fold(*self._column.between(low, high), level=level, counting=self._counting, before=before)

    def _dirty(self, low: int, high: int, width_ms: int) -> Int64:
        """The starts of the buckets that rows in memory change, rising."""
        start, stop = np.searchsorted(self._changed, low), np.searchsorted(self._changed, high, side="right")
        changed = self._changed[start:stop]
        if self._counting is not None:
            # the increments of the next values rest on these rows, too; those of earlier ones reach no further
            earlier = self._changed[max(0, int(start) - 1) : start]
            ends = changed[np.flatnonzero(np.diff(changed // width_ms, append=np.iinfo(np.int64).max))]
            follow = [self._after(int(t_ms)) for t_ms in (*earlier, *ends)]
            changed = np.concatenate([changed, *follow])
        starts = np.unique(changed // width_ms * width_ms)
        return starts[(starts >= low) & (starts <= high)]

    def _after(self, t_ms: int) -> Int64:
        """The stamps of the next values behind `t_ms`."""
        span_ms = _SPAN_MS
        while True:
            stamps, value = self._column.between(t_ms + 1, t_ms + span_ms)
            stamps = stamps[~np.isnan(value)]
            if len(stamps) >= CONTEXT or t_ms + span_ms > self._span_ms[1]:
                return stamps[:CONTEXT]
            span_ms *= _SPAN_GROWTH


def values_before(column: Column, t_ms: int, *, since_ms: int) -> Float64:
    """The last `CONTEXT` values of a counter before `t_ms`; it has no rows before `since_ms`."""
    span_ms = _SPAN_MS
    while True:
        _, value = column.between(t_ms - span_ms, t_ms - 1)
        value = value[~np.isnan(value)]
        if len(value) >= CONTEXT or t_ms - span_ms < since_ms:
            return value[-CONTEXT:]
        span_ms *= _SPAN_GROWTH


def _stretches(starts: Int64, width_ms: int) -> list[tuple[int, int]]:
    """The half-open stretches that buckets with these rising starts cover, with what lies between near ones.

    >>> _stretches(np.array([0, 10, 400]), 10)
    [(0, 20), (400, 410)]
    """
    if not len(starts):
        return []
    breaks = np.flatnonzero(np.diff(starts) > _NEAR_BUCKETS * width_ms)
    firsts = starts[np.concatenate([[0], breaks + 1])]
    lasts = starts[np.concatenate([breaks, [len(starts) - 1]])] + width_ms
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
