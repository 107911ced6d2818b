"""Where a line has to break: values as unbroken stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64, Int64

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Points:
    """Values of one signal, by rising stamps, none of them missing.

    Parameters
    ----------
    t_ms, value: int64[n] and float64[n].
    stretch: int64[n], which unbroken stretch each lies in, counted from 0.
    breaks: int64[stretches - 1], a stamp (ms) in each gap, at which the value before it counts no more.
    """

    t_ms: Int64
    value: Float64
    stretch: Int64
    breaks: Int64

    def __len__(self) -> int:
        return len(self.t_ms)

    def at(self, index: Int64) -> Points:
        """The points at these rising positions; the gaps stay what they are."""
        return Points(self.t_ms[index], self.value[index], self.stretch[index], self.breaks)

    def broken(self) -> Int64:
        """The positions before which the line breaks, rising."""
        return np.flatnonzero(np.diff(self.stretch)) + 1

    def nulls(self) -> Int64:
        """A stamp in the first gap before each position of `broken`."""
        return self.breaks[self.stretch[self.broken() - 1]]


def points_of(t_ms: Int64, value: Float64, *, tolerance_ms: int) -> Points:
    """The values among the rows of a signal: int64[n] rising stamps and float64[n], NaN for a marker.

    A line breaks where a step is longer than `tolerance_ms`, and at a marker.

    >>> points = points_of(np.array([0, 30, 60, 400, 430, 460]), np.array([1, 2, 3, 4, np.nan, 6]), tolerance_ms=90)
    >>> points.value, points.stretch, points.breaks
    (array([1., 2., 3., 4., 6.]), array([0, 0, 0, 1, 2]), array([150, 430]))
    """
    kept = np.flatnonzero(~np.isnan(value))
    stamps = t_ms[kept]
    ends = np.diff(stamps) > tolerance_ms
    ends |= np.diff(kept) > 1
    before = kept[:-1][ends]
    stretch = stretches(ends)[: len(kept)]
    return Points(stamps, value[kept], stretch, np.minimum(t_ms[before] + tolerance_ms, t_ms[before + 1]))


def stretches(ends: Mask) -> Int64:
    """The stretch of each of n values, int64[n], where `ends` (bool[n - 1]) says after which of them one ends."""
    found = np.zeros(len(ends) + 1, np.int64)
    np.cumsum(ends, out=found[1:])
    return found


def joined(parts: Sequence[Points]) -> Points:
    """Parts that follow each other, each of which begins with the point that the one before ends with.

    >>> first = points_of(np.array([0, 30, 400]), np.array([1.0, 2.0, 3.0]), tolerance_ms=90)
    >>> second = points_of(np.array([400, 430, 900]), np.array([3.0, 4.0, 5.0]), tolerance_ms=90)
    >>> both = joined([first, second])
    >>> both.t_ms, both.stretch, both.breaks
    (array([  0,  30, 400, 430, 900]), array([0, 0, 1, 1, 2]), array([120, 520]))
    """
    own = [parts[0], *(part.at(np.arange(1, len(part))) for part in parts[1:])]
    shift = np.cumsum([0, *(len(part.breaks) for part in parts[:-1])])
    return Points(
        np.concatenate([part.t_ms for part in own]),
        np.concatenate([part.value for part in own]),
        np.concatenate([part.stretch + by for part, by in zip(own, shift.tolist(), strict=True)]),
        np.concatenate([part.breaks for part in parts]),
    )
