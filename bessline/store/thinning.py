"""Fewer points that draw the same line: real samples at their real stamps, and every spike among them.

MinMaxLTTB: J. Van Der Donckt et al., "MinMaxLTTB: Leveraging MinMax-Preselection to Scale LTTB", IEEE VIS 2023.
"""

from __future__ import annotations

import numpy as np
from tsdownsample import MinMaxDownsampler, MinMaxLTTBDownsampler

from bessline.sources.base import Int64
from bessline.store.gaps import Points

#: The fewest points that a line can be thinned to.
FEWEST = 10
# its classes have no annotated __init__
_extremes, _shape = MinMaxDownsampler(), MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]


def thinned(points: Points, most: int) -> Int64:
    """The positions, rising, of at most `most` of the points (at least `FEWEST`); all where there are no more.

    A quarter goes to the least and the greatest of each of ``most / 8`` parts of the time: what MinMaxLTTB alone does
    not promise, for a swing beside it may win over a spike. Another quarter at most shows where the widest gaps begin
    and end. The rest draws the shape. Gaps take up no room.
    """
    if len(points) <= most:
        return np.arange(len(points))
    x = _without_gaps(points)
    edges = _edges(points, most // 4)
    extremes = _extremes.downsample(x, points.value, n_out=2 * max(2, most // 8))
    shape = _shape.downsample(x, points.value, n_out=most - len(edges) - len(extremes))
    kept = np.zeros(len(points), bool)
    for chosen in (edges, extremes, shape):
        kept[chosen] = True
    return np.flatnonzero(kept)


def _without_gaps(points: Points) -> Int64:
    """The stamps with every gap closed: parts of equal length then hold values, not emptiness."""
    steps = np.diff(points.t_ms)
    steps[points.broken() - 1] = 1
    return np.concatenate([[0], np.cumsum(steps)])


def _edges(points: Points, most: int) -> Int64:
    """The first and the last point, and those beside the widest gaps."""
    after = points.broken()
    if len(after) > (room := most // 2 - 1):
        width = points.t_ms[after] - points.t_ms[after - 1]
        after = after[np.argpartition(-width, room)[:room]] if room > 0 else after[:0]
    return np.concatenate([[0, len(points) - 1], after - 1, after])
