"""Alignment: the value of a signal at given instants, never from the future and never too old."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from bessline.sources.base import Float64, Int64

#: From so many instants on, one pass over all of them is worth its constant cost.
MANY = 8_192
#: So many instants at a time: what is made of them on the way stays in the processor's cache.
BLOCK = 65_536
#: A grid may have so many places for each instant that stands on it.
_SPARSE = 4


def as_of(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> tuple[Float64, Float64]:
    """Newest value at or before each instant, and its age.

    Parameters
    ----------
    instants: int64[m], rising, ms.
    t_ms, value: int64[n] rising and float64[n], NaN where the source said "missing".
    tolerance_ms: a value older than this is no value.

    Returns
    -------
    float64[m] values and float64[m] ages in seconds, both NaN where there is no value.

    >>> as_of(np.array([5, 10, 99]), np.array([4, 9]), np.array([1.0, 2.0]), tolerance_ms=6)[0]
    array([ 1.,  2., nan])
    """
    if not len(t_ms):
        nothing = np.full(len(instants), np.nan)
        return nothing, nothing
    found, age_ms = _searched(instants, t_ms, value, tolerance_ms=tolerance_ms)
    return found, np.where(np.isnan(found), np.nan, age_ms / 1000)


@dataclass(frozen=True, slots=True)
class Grid:
    """int64[m] rising instants that are a first one + k x `step_ms`, of which some k may be left out.

    `below`: int64[places + 1], how many instants stand before each k, and in all; None where no k is left out.
    """

    instants: Int64
    step_ms: int
    below: Int64 | None

    @classmethod
    def of(cls, instants: Int64) -> Grid | None:
        """The grid of rising instants; None where they stand on none, or far apart.

        >>> Grid.of(np.array([10, 20, 40])).below.tolist()
        [0, 1, 2, 2, 3]
        """
        since = instants - instants[0]
        step_ms = int(np.diff(since).min(initial=since[-1]))
        if not step_ms or since[-1] // step_ms >= _SPARSE * len(instants):
            return None
        place = since // step_ms
        if not np.array_equal(place * step_ms, since):
            return None
        taken = np.bincount(place)
        return cls(instants, step_ms, None if len(taken) == len(instants) else np.append(0, np.cumsum(taken)))

    def before(self, t_ms: Int64) -> Int64:
        """How many instants stand before each of int64[n] stamps, which lie from the first instant to the last."""
        place: Int64 = t_ms + (self.step_ms - 1 - self.instants[0])
        place //= self.step_ms
        return place if self.below is None else self.below.take(place)

    def values(self, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> Float64:
        """Each value as often as there are instants up to the next one, but for those that come too late for it.

        The first of n > 0 rows may lie before all instants; the others lie from the first instant to the last.
        """
        begin = np.empty(len(t_ms) + 1, np.int64)
        begin[0], begin[1:-1], begin[-1] = 0, self.before(t_ms[1:]), len(self.instants)
        found = np.repeat(value, begin[1:] - begin[:-1])
        if t_ms[0] > self.instants[0]:
            found[: self.before(t_ms[:1])[0]] = np.nan
        stale = np.append(np.flatnonzero(t_ms[1:] - t_ms[:-1] > tolerance_ms), len(t_ms) - 1)
        late = self.instants.searchsorted(t_ms[stale] + tolerance_ms, side="right")
        found[_ranges(late, begin[stale + 1])] = np.nan
        return found


def _ranges(start: Int64, stop: Int64) -> Int64:
    """All numbers of the ranges [start, stop), one after the other.

    >>> _ranges(np.array([3, 7]), np.array([5, 8])).tolist()
    [3, 4, 7]
    """
    lengths = stop - start
    return np.repeat(stop - lengths.cumsum(), lengths) + np.arange(lengths.sum())


class Instants:
    """int64[m] rising instants (ms), at which one signal after the other is wanted."""

    def __init__(self, t_ms: Int64) -> None:
        self.t_ms = t_ms
        blocks = [t_ms[at : at + BLOCK] for at in range(0, len(t_ms), BLOCK)] if len(t_ms) >= MANY else []
        self._blocks = [(block, Grid.of(block)) for block in blocks]

    def values(self, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> Float64:
        """The values of `as_of` alone.

        >>> Instants(np.array([5, 10, 99])).values(np.array([4, 9]), np.array([1.0, 2.0]), tolerance_ms=6)
        array([ 1.,  2., nan])
        """
        if not len(t_ms):
            return np.full(len(self.t_ms), np.nan)
        if not self._blocks:
            return _searched(self.t_ms, t_ms, value, tolerance_ms=tolerance_ms)[0]
        found = []
        for block, grid in self._blocks:
            first, last = t_ms.searchsorted(block[[0, -1]], side="right")
            rows = slice(max(int(first) - 1, 0), int(last))
            join = partial(_joined, block) if grid is None or not last else grid.values
            found.append(join(t_ms[rows], value[rows], tolerance_ms=tolerance_ms))
        return found[0] if len(found) == 1 else np.concatenate(found)


def _searched(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> tuple[Float64, Int64]:
    """A search for each, which a page is soon done with: values, and ages (ms), which mean nothing without one."""
    index = t_ms.searchsorted(instants, side="right") - 1
    found = value.take(index)
    age_ms = instants - t_ms.take(index)
    late = age_ms > tolerance_ms
    late |= index < 0
    found[late] = np.nan
    return found, age_ms


def _joined(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> Float64:
    """One pass over both instead of a search for each; NaN is a value here, so that a marker ends the one before."""
    left = pl.DataFrame([pl.Series("t", instants).set_sorted()])
    right = pl.DataFrame([pl.Series("t", t_ms).set_sorted(), pl.Series("value", value)])
    found: Float64 = left.join_asof(right, on="t", tolerance=tolerance_ms)["value"].to_numpy()
    return found
