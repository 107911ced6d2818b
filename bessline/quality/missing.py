"""Readings that should be there and are not."""

from __future__ import annotations

import numpy as np

from bessline.quality.spans import Spans
from bessline.sources.base import Int64


def gaps(t_ms: Int64, *, tolerance_ms: int) -> Spans:
    """The steps between int64[n] rising stamps that are longer than `tolerance_ms`.

    >>> found = gaps(np.array([0, 30, 60, 400]), tolerance_ms=90)
    >>> found.first_ms, found.last_ms
    (array([60]), array([400]))
    """
    before = np.flatnonzero(np.diff(t_ms) > tolerance_ms)
    nothing = np.zeros(len(before))
    return Spans(t_ms[before], t_ms[before + 1], nothing.astype(np.int64), np.full(len(before), np.nan))


def expected(start_ms: int, end_ms: int, *, period_s: float) -> int:
    """How many readings a signal of this period lets expect in [start_ms, end_ms).

    >>> expected(0, 86_400_000, period_s=30.4)
    2842
    """
    return max(0, round((end_ms - start_ms) / (period_s * 1000)))
