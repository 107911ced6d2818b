"""Bands that hold what they promise: adaptive conformal intervals, one for each lead and side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bessline.analytics.forecasting.base import HORIZON_HOURS, Memory
from bessline.analytics.forecasting.local_clock import Slots
from bessline.sources.base import Float64, Int64

LEVEL = 0.9
#: The step of a quantile at an update, in units of the usual error: at least this; more while few were seen.
_PACE = 0.08
_FIRST = 2.0
_SPREAD_DAYS = 12
_PRIOR = 3.0
_COUNTED_DAYS = 28
_NEVER = -(2**62)


class Band(NamedTuple):
    """float64[horizon] each."""

    lower: Float64
    upper: Float64


class Bands:
    """Each side of each lead holds a quantile, in units of the usual error of the slot of the day.

    A value outside widens its side by (1 - a) steps, one inside narrows it by a, a = (1 - LEVEL) / 2, so that in the
    long run the share outside is a, whatever the errors are like and however they change.

    References
    ----------
    A. N. Angelopoulos, E. J. Candès, R. J. Tibshirani, Conformal PID control for time series prediction, 2023.
    """

    def __init__(self, memory: Memory) -> None:
        horizon, per_day = memory.horizon, memory.per_day
        self._per_day = per_day
        self._quantile = np.full((2, horizon), _FIRST)
        self._seen: Int64 = np.zeros(horizon, dtype=np.int64)
        self._spread, self._visits = np.zeros(per_day), np.zeros(per_day)
        self._pooled, self._pooled_visits = 0.0, 0
        self._ends: Int64 = np.full(HORIZON_HOURS, _NEVER, dtype=np.int64)
        self._said = np.full((HORIZON_HOURS, 3, horizon), np.nan)
        self._unit = np.full((HORIZON_HOURS, horizon), np.nan)
        self._covered = np.zeros((_COUNTED_DAYS, 2), dtype=np.int64)
        self._day = _NEVER
        #: How many forecast points have come true.
        self.scored = 0

    @property
    def coverage(self) -> float | None:
        """The share of the points of the last 28 days that lay within their bands; None before any did."""
        inside, total = self._covered.sum(axis=0)
        return float(inside / total) if total else None

    @property
    def judged(self) -> int:
        """How many points that share rests on."""
        return int(self._covered[:, 1].sum())

    def around(self, median: Float64, targets: Slots) -> Band:
        """The bands of a forecast made now. Changes nothing."""
        unit = self._units(targets)
        return Band(median - self._quantile[0] * unit, median + self._quantile[1] * unit)

    def promise(self, end: int, median: Float64, *, band: Band, targets: Slots) -> None:
        """Remember what was said after step `end` - 1, to be held to it."""
        place = int(np.argmin(self._ends))
        self._ends[place] = end
        self._said[place] = band.lower, median, band.upper
        self._unit[place] = self._units(targets)

    def learn(self, value: float, step: int, *, at: Slots) -> None:
        """What became of step `step`; NaN (missing) proves nothing."""
        if np.isnan(value):
            return
        lead = step - self._ends
        due = np.flatnonzero((lead >= 0) & (lead < self._said.shape[2]))
        lower, median, upper = self._said[due, :, lead[due]].T
        due = due[np.isfinite(median)]
        lower, median, upper = self._said[due, :, lead[due]].T
        if not len(due):
            return
        outside = np.stack([value < lower, value > upper])
        self._follow(lead[due], outside)
        self._count(int(at.day[0]), int((~outside.any(axis=0)).sum()), total=len(due))
        self._widen(int(at.of_day[0]), float(np.abs(value - median).mean()))

    def _units(self, targets: Slots) -> Float64:
        spread, visits = self._spread[targets.of_day], self._visits[targets.of_day]
        return (visits * spread + _PRIOR * self._pooled) / (visits + _PRIOR)

    def _follow(self, lead: Int64, outside: Float64) -> None:
        miss = (1 - LEVEL) / 2
        self._seen[lead] += 1
        pace = np.maximum(_PACE, 0.5 / np.sqrt(self._seen[lead]))
        self._quantile[:, lead] = np.maximum(0.0, self._quantile[:, lead] + pace * (outside - miss))

    def _count(self, day: int, inside: int, *, total: int) -> None:
        if day != self._day:
            for stale in range(max(self._day + 1, day - _COUNTED_DAYS + 1), day + 1):
                self._covered[stale % _COUNTED_DAYS] = 0
            self._day = day
        self._covered[day % _COUNTED_DAYS] += (inside, total)
        self.scored += total

    def _widen(self, slot: int, error: float) -> None:
        self._visits[slot] = min(self._visits[slot] + 1, _SPREAD_DAYS)
        self._spread[slot] += (error - self._spread[slot]) / self._visits[slot]
        self._pooled_visits = min(self._pooled_visits + 1, _SPREAD_DAYS * self._per_day)
        self._pooled += (error - self._pooled) / self._pooled_visits
