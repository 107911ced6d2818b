"""Values that no longer change: pvanalytics' ``stale_values_diff``, with what is usual for the signal itself."""

from __future__ import annotations

import numpy as np

from bessline.quality.spans import Mask, Spans, runs
from bessline.sources.base import Float64, Int64

#: Fewer equal readings prove nothing.
_FEWEST = 6
#: A run is stuck when it is so many times as long as the runs in which the signal rests for a fifth of its time.
_TIMES_USUAL = 3
_USUAL = 0.8


def stuck(t_ms: Int64, value: Float64, *, tolerance_ms: int, at_least_ms: float) -> Spans:
    """Runs of one value over at least `at_least_ms`: int64[n] rising stamps and float64[n] values, none missing.

    A gap ends a run. Zero is what a device at rest measures, and proves nothing.
    """
    if not len(t_ms):
        return Spans(t_ms, t_ms, t_ms, value)
    ends = (np.diff(value) != 0) | (np.diff(t_ms) > tolerance_ms)
    begins = np.concatenate([[0], np.flatnonzero(ends) + 1])
    lasts = np.append(begins[1:], len(t_ms)) - 1
    count = lasts - begins + 1
    found = (t_ms[lasts] - t_ms[begins] >= at_least_ms) & (count >= _FEWEST) & (value[begins] != 0)
    begins, lasts = begins[found], lasts[found]
    return Spans(t_ms[begins], t_ms[lasts], count[found], value[begins])


def usual_rest_ms(constant: Mask, *, width_ms: int) -> float:
    """How long the signal usually rests at one value.

    Parameters
    ----------
    constant: bool[n], for each bucket of `width_ms` in order whether one value fills it.

    A coarse signal (a state of health in whole percent) rests for months: nothing of it is stuck. Of a fine one no
    bucket is constant, and the answer is 0.

    >>> usual_rest_ms(np.array([False] * 9 + [True]), width_ms=1000)
    0.0
    """
    if not len(constant):
        return 0.0
    begins, ends = runs(constant)
    rest = np.zeros(len(constant))
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        rest[begin:end] = end - begin
    return float(np.quantile(rest, _USUAL, method="lower")) * width_ms


def stuck_after_ms(at_least_ms: float, usual_ms: float) -> float:
    """From when on a run is stuck: never below what was asked for, and far above what is usual."""
    return max(at_least_ms, _TIMES_USUAL * usual_ms)
