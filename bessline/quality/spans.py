"""Stretches of time in which something holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64, Int64

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches by rising time, which do not overlap: int64[n] each, ms, UTC.

    `first_ms` and `last_ms` are stamps of readings (of a gap: of those beside it); `values` is how many readings lie in
    each and `value` (float64[n]) the first of them; of a gap 0 and NaN.
    """

    first_ms: Int64
    last_ms: Int64
    values: Int64
    value: Float64

    def __len__(self) -> int:
        return len(self.first_ms)


def runs(mask: Mask) -> tuple[Int64, Int64]:
    """Where runs of True begin and end (one after the last), int64[n] each.

    >>> runs(np.array([True, False, True, True]))
    (array([0, 2]), array([1, 4]))
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges[::2], edges[1::2]


def spans_where(mask: Mask, t_ms: Int64, value: Float64) -> Spans:
    """The runs of readings for which `mask` holds: bool[n], int64[n] rising stamps and float64[n] values."""
    begins, ends = runs(mask)
    return Spans(t_ms[begins], t_ms[ends - 1], ends - begins, value[begins])


def clipped(spans: Spans, start_ms: int, end_ms: int) -> Spans:
    """What of the spans lies in [start_ms, end_ms); counts and values stay those of the whole span."""
    inside = (spans.last_ms >= start_ms) & (spans.first_ms < end_ms)
    return Spans(
        np.maximum(spans.first_ms[inside], start_ms),
        np.minimum(spans.last_ms[inside], end_ms),
        spans.values[inside],
        spans.value[inside],
    )
