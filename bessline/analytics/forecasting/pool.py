"""All methods of one signal, judged without end on what they forecast before they could know."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bessline.analytics.forecasting.base import HORIZON_HOURS, Memory, Method
from bessline.analytics.forecasting.holt_winters import HoltWinters
from bessline.analytics.forecasting.local_clock import Slots
from bessline.analytics.forecasting.ridge import Ridge
from bessline.analytics.forecasting.seasonal_median import SeasonalMedian
from bessline.analytics.forecasting.seasonal_naive import SeasonalNaive
from bessline.sources.base import Float64, Int64

#: The floor's method comes first.
METHODS: tuple[type[Method], ...] = (SeasonalNaive, SeasonalMedian, HoltWinters, Ridge)
#: Errors halve in weight over this many days.
_HALF_LIFE_DAYS = 28
#: A method is judged once this many days of its forecasts have come true.
_TRIAL_DAYS = 3
_SHARPNESS = 8
_BEST = 3
MEANS = (f"mean of the best {_BEST}", "mean weighted by skill")
#: How far the median correction of a slot moves at a visit, in units of the usual error.
_CORRECTION = 0.03
_NEVER = -(2**62)


class Choice(NamedTuple):
    """The forecast of the method chosen now: `median` float64[horizon] and what it is called."""

    median: Float64
    method: str


class Pool:
    """Rows: every setting of every method, row 0 being the floor; the mean of the best three and the mean weighted by
    skill; and both again with the median error of the slot of the day taken off, as load is skewed.

    `names` are theirs, `newest` float32[rows, horizon] the last forecast of each.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._methods = [method(memory) for method in METHODS]
        single = [name for method in self._methods for name in method.names]
        self.names = (*single, *MEANS, *(f"{name}, median-corrected" for name in MEANS))
        rows, horizon = len(self.names), memory.horizon
        self._single = len(single)
        self._ends: Int64 = np.full(HORIZON_HOURS, _NEVER, dtype=np.int64)
        self._said = np.full((HORIZON_HOURS, rows, horizon), np.nan, dtype=np.float32)
        self._error, self._floor_error = np.zeros(rows), np.zeros(rows)
        self._judged: Int64 = np.zeros(rows, dtype=np.int64)
        self._correction = np.zeros((len(MEANS), memory.per_day))
        self._usual_error = 0.0
        self._lasting = _HALF_LIFE_DAYS * memory.per_day
        self._keep = 0.5 ** (1 / self._lasting)
        self.newest = self._said[0]

    @property
    def skill(self) -> Float64:
        """Each row's error over the floor's on the same points: float64[rows], NaN while on trial."""
        judged = (self._judged >= _TRIAL_DAYS * self._memory.per_day) & (self._floor_error > 0)
        return np.where(judged, self._error / np.where(judged, self._floor_error, 1.0), np.nan)

    def learn(self, value: float, at: Slots) -> None:
        """The newest step, which `memory` has taken: judge what was said of it, then let the methods learn it."""
        if not np.isnan(value):
            self._judge(value, self._memory.past.end - 1, int(at.of_day[0]))
        for method in self._methods:
            method.learn(value, at)

    def skip(self, count: int) -> None:
        """`count` steps are missing."""
        for method in self._methods:
            method.skip(count)

    def refit(self) -> None:
        """Nightly."""
        for method in self._methods:
            method.refit()

    def forecast(self, targets: Slots) -> Choice:
        """Let all forecast, remember it, and choose: the floor, unless another did better on this signal's past."""
        skill = self.skill
        single = np.concatenate([method.forecast(targets) for method in self._methods])
        means = _means(single, skill[: self._single])
        rows = np.vstack([single, means, means + self._correction[:, targets.of_day]])
        self._remember(rows)
        rated = np.where(np.isfinite(rows).all(axis=1), skill, np.nan)
        best = int(np.nanargmin(rated)) if np.isfinite(rated).any() else 0
        chosen = best if rated[best] < 1.0 else 0
        return Choice(rows[chosen], self.names[chosen])

    def _remember(self, rows: Float64) -> None:
        place = int(np.argmin(self._ends))
        self._ends[place] = self._memory.past.end
        self._said[place] = rows
        self.newest = self._said[place]

    def _judge(self, value: float, step: int, slot: int) -> None:
        lead = step - self._ends
        due = np.flatnonzero((lead >= 0) & (lead < self._memory.horizon))
        if not len(due):
            return
        residual = value - self._said[due, :, lead[due]].astype(np.float64)
        self._rate(np.abs(residual))
        self._correct(residual[:, -len(MEANS) :], slot)

    def _rate(self, error: Float64) -> None:
        floor = np.broadcast_to(error[:, :1], error.shape)
        both = np.isfinite(error) & np.isfinite(floor)
        self._error = self._error * self._keep + _mean(error, both)
        self._floor_error = self._floor_error * self._keep + _mean(floor, both)
        self._judged += both.any(axis=0)
        if both[:, 0].any():
            self._usual_error += (floor[both[:, 0], 0].mean() - self._usual_error) / min(self._judged[0], self._lasting)

    def _correct(self, residual: Float64, slot: int) -> None:
        """A step towards the side on which the values are; as many lie above a median as below."""
        known = np.isfinite(residual)
        sign = _mean(np.sign(residual), known)
        self._correction[:, slot] += _CORRECTION * self._usual_error * sign


def _mean(value: Float64, present: npt.NDArray[np.bool_]) -> Float64:
    return np.asarray(np.where(present, value, 0.0).sum(axis=0) / np.maximum(present.sum(axis=0), 1))


def _means(single: Float64, skill: Float64) -> Float64:
    """The mean of the best three, and the mean weighted by a power of the skill: float64[2, horizon]."""
    usable = np.isfinite(skill) & np.isfinite(single).all(axis=1)
    if not usable.any():
        return np.full((2, single.shape[1]), np.nan)
    order = np.argsort(np.where(usable, skill, np.inf), kind="stable")[: min(_BEST, int(usable.sum()))]
    weight = np.zeros(len(skill))
    weight[usable] = np.maximum(skill[usable], 1e-3) ** -_SHARPNESS
    weighted = (weight / weight.sum())[usable] @ single[usable]
    return np.stack([single[order].mean(axis=0), weighted])
