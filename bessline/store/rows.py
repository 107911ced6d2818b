"""The rows of a signal as points, however many: too many are read by windows, and thinned window by window."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bessline.sources.base import Float64, Int64
from bessline.store.gaps import Points, joined, points_of
from bessline.store.overlay import Column
from bessline.store.thinning import FEWEST, thinned

#: Rows that are held at once.
WINDOW_ROWS = 1_000_000
#: Of each window stay so many points for one that is drawn in the end: as many as MinMaxLTTB chooses beforehand.
_AHEAD = 4


def read_points(
    column: Column, first_ms: int, last_ms: int, *, rows: float, tolerance_ms: int, most: int
) -> tuple[Points, int]:
    """At most `most` points of the rows with first_ms <= t <= last_ms, and how many values there are.

    `rows` is about how many there will be.
    """
    number = max(1, -int(-rows // WINDOW_ROWS))
    share = max(FEWEST, _AHEAD * most // number) if number > 1 else most
    parts: list[Points] = []
    count = 0
    for t_ms, value in _windows(column, first_ms, last_ms, number=number):
        points = points_of(t_ms, value, tolerance_ms=tolerance_ms)
        count += len(points) - bool(parts)
        if len(points) > bool(parts):
            parts.append(points.at(thinned(points, share)))
    if not parts:
        return points_of(np.empty(0, np.int64), np.empty(0), tolerance_ms=tolerance_ms), 0
    points = parts[0] if number == 1 else joined(parts)
    return points.at(thinned(points, most)), count


def _windows(column: Column, first_ms: int, last_ms: int, *, number: int) -> Iterator[tuple[Int64, Float64]]:
    """The rows in windows of equal time. Each begins with the last value before it, and the marker that ended it."""
    if last_ms < first_ms:
        return
    step_ms = -(-(last_ms - first_ms + 1) // number)
    held: tuple[Int64, Float64] = np.empty(0, np.int64), np.empty(0)
    for start_ms in range(first_ms, last_ms + 1, step_ms):
        t_ms, value = column.between(start_ms, min(start_ms + step_ms - 1, last_ms))
        if len(held[0]):
            t_ms, value = np.concatenate([held[0], t_ms]), np.concatenate([held[1], value])
        yield t_ms, value
        if number > 1:
            present = np.flatnonzero(~np.isnan(value))
            held = (t_ms[present[-1] :][:2], value[present[-1] :][:2]) if len(present) else (t_ms[:0], value[:0])
