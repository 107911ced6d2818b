"""Overlays: rows in memory laid over a file, so that both read as one, at the cost of the file alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64, Int64
from bessline.store.columns import ColumnFile
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.runs import newest_of_each

Mask = npt.NDArray[np.bool_]
NO_STAMPS = np.empty(0, np.int64)


class Column(Protocol):
    """Rows of one signal by time."""

    def between(self, first_ms: int, last_ms: int) -> tuple[Int64, Float64]:
        """All rows with first_ms <= t <= last_ms."""
        ...


class Timeline(Protocol):
    """Stamps by position and by time, as `ColumnFile` gives them."""

    @property
    def rows(self) -> int: ...

    def position(self, t_ms: int) -> int: ...

    def stamps(self, start: int, stop: int) -> Int64: ...

    def through(self, cache: RowGroupCache) -> Timeline: ...


class TailColumn:
    """Rows of one signal in memory, by rising stamps. One writer; what `view` gave never changes afterwards."""

    def __init__(self) -> None:
        self._t_ms, self._value = np.empty(16, np.int64), np.empty(16)
        self.rows = 0

    def put(self, t_ms: Int64, value: Float64) -> None:
        """Add rows in any order; of rows with the same stamp the last counts."""
        t_ms, value, _, _ = newest_of_each(t_ms, value)
        if not len(t_ms):
            return
        if self.rows and t_ms[0] <= self._t_ms[self.rows - 1]:
            old_t, old_value = self.view()
            t_ms, value, _, _ = newest_of_each(np.concatenate([old_t, t_ms]), np.concatenate([old_value, value]))
            self._t_ms, self._value, self.rows = t_ms, value, len(t_ms)
            return
        end = self.rows + len(t_ms)
        if end > len(self._t_ms):
            self._grow(2 * end)
        self._t_ms[self.rows : end], self._value[self.rows : end] = t_ms, value
        self.rows = end

    def _grow(self, size: int) -> None:
        t_ms, value = np.empty(size, np.int64), np.empty(size)
        t_ms[: self.rows], value[: self.rows] = self.view()
        self._t_ms, self._value = t_ms, value

    def view(self) -> tuple[Int64, Float64]:
        """The rows so far."""
        return self._t_ms[: self.rows], self._value[: self.rows]


class OverlaidColumn:
    """Rows in memory over those of `base` (or of nothing). Of rows with the same stamp the one in memory counts.

    Parameters
    ----------
    t_ms, value: int64[n] rising and float64[n], NaN for a marker.
    """

    def __init__(self, base: ColumnFile | None, t_ms: Int64, value: Float64) -> None:
        self.base, self.t_ms, self.value = base, t_ms, value

    def through(self, cache: RowGroupCache) -> OverlaidColumn:
        """The same rows, those of the file read through another cache."""
        return self if self.base is None else OverlaidColumn(self.base.through(cache), self.t_ms, self.value)

    def between(self, first_ms: int, last_ms: int) -> tuple[Int64, Float64]:
        """All rows with first_ms <= t <= last_ms."""
        low, high = np.searchsorted(self.t_ms, first_ms, side="left"), np.searchsorted(self.t_ms, last_ms, side="right")
        own = self.t_ms[low:high], self.value[low:high]
        if self.base is None:
            return own
        below = self.base.between(first_ms, last_ms)
        if not len(own[0]) or not len(below[0]):
            return own if len(own[0]) else below
        both = np.concatenate([below[0], own[0]]), np.concatenate([below[1], own[1]])
        if below[0][-1] < own[0][0]:
            return both
        t_ms, value, _, _ = newest_of_each(*both)
        return t_ms, value

    def at(self, t_ms: Int64) -> tuple[Mask, Float64]:
        """Whether there is a row at each of these rising stamps, and its value."""
        found, value = _rows_at(self.t_ms, self.value, t_ms)
        if self.base is not None:
            for index in _groups(self.base, t_ms):
                base_t, base_value = self.base.group(index)
                assert base_value is not None
                also, below = _rows_at(base_t, base_value, t_ms)
                value = np.where(also & ~found, below, value)
                found = found | also
        return found, value


def _groups(file: ColumnFile, t_ms: Int64) -> Iterator[int]:
    """The row groups that may hold one of these stamps."""
    groups = np.searchsorted(file.last_ms, t_ms, side="left")
    inside = groups < len(file.last_ms)
    groups, t_ms = groups[inside], t_ms[inside]
    yield from np.unique(groups[file.first_ms[groups] <= t_ms]).tolist()


def _rows_at(t_ms: Int64, value: Float64, wanted: Int64) -> tuple[Mask, Float64]:
    if not len(t_ms):
        return np.zeros(len(wanted), bool), np.full(len(wanted), np.nan)
    index = np.minimum(np.searchsorted(t_ms, wanted), len(t_ms) - 1)
    found = t_ms[index] == wanted
    return found, np.where(found, value[index], np.nan)


class NoTimeline:
    """The timeline of what is not stored yet."""

    rows = 0

    def position(self, t_ms: int) -> int:
        return 0

    def stamps(self, start: int, stop: int) -> Int64:
        return NO_STAMPS

    def through(self, cache: RowGroupCache) -> NoTimeline:
        return self


@dataclass(frozen=True, slots=True)
class Patch:
    """From `first_ms` to `last_ms`, both included, `stamps` stand in place of the positions [start, stop) below."""

    first_ms: int
    last_ms: int
    start: int
    stop: int
    stamps: Int64


class PatchedTimeline:
    """The stamps of `base`, but for some stretches. Immutable; positions and stamps cost what they cost in the base.

    >>> patched = PatchedTimeline(NoTimeline()).patched(0, 9, np.array([3, 6])).patched(5, 12, np.array([7, 12]))
    >>> patched.rows, patched.stamps(0, 9), patched.position(7), len(patched.patches)
    (3, array([ 3,  7, 12]), 1, 1)
    """

    def __init__(self, base: Timeline, patches: tuple[Patch, ...] = ()) -> None:
        self.base, self.patches = base, patches
        growth = [len(patch.stamps) - (patch.stop - patch.start) for patch in patches]
        self._first = np.array([patch.first_ms for patch in patches], np.int64)
        self._shift = np.concatenate([[0], np.cumsum(growth)]).astype(np.int64)
        self._begins = np.array([patch.start for patch in patches], np.int64) + self._shift[:-1]

    @property
    def rows(self) -> int:
        return self.base.rows + int(self._shift[-1])

    def through(self, cache: RowGroupCache) -> PatchedTimeline:
        """The same stamps, those of the base read through another cache."""
        return PatchedTimeline(self.base.through(cache), self.patches)

    def position(self, t_ms: int) -> int:
        """How many rows stand before the instant `t_ms`."""
        index = int(np.searchsorted(self._first, t_ms, side="right")) - 1
        if index >= 0 and t_ms <= self.patches[index].last_ms:
            return int(self._begins[index] + np.searchsorted(self.patches[index].stamps, t_ms, side="left"))
        return self.base.position(t_ms) + int(self._shift[index + 1])

    def stamps(self, start: int, stop: int) -> Int64:
        """The stamps at positions [start, stop), int64[stop - start]."""
        start, stop = max(start, 0), min(stop, self.rows)
        parts = [part for part in self._parts(start, stop) if len(part)] if start < stop else []
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else NO_STAMPS

    def _parts(self, start: int, stop: int) -> Iterator[Int64]:
        index = max(0, int(np.searchsorted(self._begins, start, side="right")) - 1)
        below = 0 if index == 0 else self.patches[index - 1].stop
        while start < stop:
            last = index == len(self.patches)
            shift = int(self._shift[index])
            end = self.base.rows if last else self.patches[index].start
            upto = min(stop, end + shift)
            if start < upto:
                yield self.base.stamps(max(start - shift, below), upto - shift)
                start = upto
            if last:
                return
            patch, begin = self.patches[index], int(self._begins[index])
            if start < stop:
                yield patch.stamps[max(0, start - begin) : stop - begin]
                start = max(start, min(stop, begin + len(patch.stamps)))
            index, below = index + 1, patch.stop

    def between(self, first_ms: int, last_ms: int) -> Int64:
        """The stamps from `first_ms` to `last_ms`, both included."""
        return self.stamps(self.position(first_ms), self.position(last_ms + 1))

    def patched(self, first_ms: int, last_ms: int, stamps: Int64) -> PatchedTimeline:
        """The same, but with `stamps` and no others from `first_ms` to `last_ms`. Patches that touch become one."""
        start, stop = self.base.position(first_ms), self.base.position(last_ms + 1)
        low, high = self._touching(first_ms, last_ms, start=start, stop=stop)
        old = self.patches[low:high]
        before = [patch.stamps[: np.searchsorted(patch.stamps, first_ms)] for patch in old]
        after = [patch.stamps[np.searchsorted(patch.stamps, last_ms, side="right") :] for patch in old]
        patch = Patch(
            min([first_ms, *(patch.first_ms for patch in old)]),
            max([last_ms, *(patch.last_ms for patch in old)]),
            min([start, *(patch.start for patch in old)]),
            max([stop, *(patch.stop for patch in old)]),
            np.concatenate([*before, stamps, *after]),
        )
        return PatchedTimeline(self.base, (*self.patches[:low], patch, *self.patches[high:]))

    def _touching(self, first_ms: int, last_ms: int, *, start: int, stop: int) -> tuple[int, int]:
        """The patches [low, high) that overlap the stretch, or that no stamp of the base parts from it."""
        low = int(np.searchsorted(self._first, last_ms, side="right"))
        high = low
        while low and (self.patches[low - 1].last_ms >= first_ms or self.patches[low - 1].stop >= start):
            low -= 1
        while high < len(self.patches) and self.patches[high].start <= stop:
            high += 1
        return low, high

    def gap_ms(self, period_ms: int) -> int:
        """How much more time than in the base is lost in steps longer than three periods; may be negative."""
        return sum(self._gap_growth(patch, period_ms) for patch in self.patches)

    def _gap_growth(self, patch: Patch, period_ms: int) -> int:
        below = self.base.stamps(patch.start - 1, patch.stop + 1)
        left = self.base.stamps(patch.start - 1, patch.start)
        right = self.base.stamps(patch.stop, patch.stop + 1)
        return lost_ms(np.concatenate([left, patch.stamps, right]), period_ms) - lost_ms(below, period_ms)


def lost_ms(stamps: Int64, period_ms: int) -> int:
    """The time lost in steps longer than three periods.

    >>> lost_ms(np.array([0, 10, 50]), 10)
    30
    """
    steps = np.diff(stamps)
    return int((steps - period_ms)[steps > 3 * period_ms].sum())
