"""Values that no longer change: pvanalytics' ``stale_values_diff``, with what is usual for the signal itself."""

from __future__ import annotations

import numpy as np

from bessline.quality.spans import Mask, Spans, runs
from bessline.sources.base import Float64, Int64

#: Fewer equal readings prove nothing.
_FEWEST = 6
#: A run is stuck when it is so many times as long as those in which the signal rests by habit.
_TIMES_USUAL = 1.5
#: So many runs may be faults, and one a month more; the next longest is a habit. Who rests half of the time, rests.
_FAULTS, _MONTH_MS, _HALF = 3, 30 * 86_400_000, 0.5


def stuck(t_ms: Int64, value: Float64, *, tolerance_ms: int, at_least_ms: float) -> Spans:
    """Runs of one value over at least `at_least_ms`: int64[n] rising stamps and float64[n] values, none missing.

    Time in gaps is not counted: nobody knows what was measured there. Zero is what a device at rest measures, and
    proves nothing.
    """
    if not len(t_ms):
        return Spans(t_ms, t_ms, t_ms, value)
    begins = np.concatenate([[0], np.flatnonzero(np.diff(value)) + 1])
    lasts = np.append(begins[1:], len(t_ms)) - 1
    steps = np.diff(t_ms)
    known_ms = np.concatenate([[0], np.cumsum(np.where(steps > tolerance_ms, 0, steps))])
    count = lasts - begins + 1
    found = (known_ms[lasts] - known_ms[begins] >= at_least_ms) & (count >= _FEWEST) & (value[begins] != 0)
    begins, lasts = begins[found], lasts[found]
    return Spans(t_ms[begins], t_ms[lasts], count[found], value[begins])


def usual_rest_ms(constant: Mask, *, width_ms: int) -> float:
    """How long the signal rests at one value by habit.

    Parameters
    ----------
    constant: bool[n], for each bucket of `width_ms` in order whether one value fills it.

    A coarse signal rests: a state of health in whole percent for months, a state of charge on idle days. Of a fine one
    no bucket is constant, and the answer is 0.

    >>> usual_rest_ms(np.array([False] * 9 + [True]), width_ms=1000), usual_rest_ms(np.ones(9, bool), width_ms=1000)
    (0.0, 9000.0)
    """
    begins, ends = runs(constant)
    lengths = np.sort(ends - begins)[::-1]
    if not len(lengths):
        return 0.0
    habit = 0 if constant.mean() >= _HALF else _FAULTS + len(constant) * width_ms // _MONTH_MS
    return float(lengths[habit]) * width_ms if habit < len(lengths) else 0.0


def stuck_after_ms(at_least_ms: float, usual_ms: float) -> float:
    """From when on a run is stuck: never below what was asked for, and far above what is usual."""
    return max(at_least_ms, _TIMES_USUAL * usual_ms)
