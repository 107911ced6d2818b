"""Ridge regression on a week of lags, its sums kept up online and solved at night."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from bessline.analytics.forecasting.base import HORIZON_HOURS, Memory, Method
from bessline.analytics.forecasting.local_clock import Slots
from bessline.analytics.forecasting.local_days import mean_present
from bessline.analytics.forecasting.past import Past
from bessline.sources.base import Float64

LAG_HOURS = 168
#: Penalties, as a share of each feature's own sum of squares.
PENALTIES = (0.03, 0.3)
_HALF_LIFE_HOURS = 24 * 7 * 20
_KEEP = 0.5 ** (1 / _HALF_LIFE_HOURS)
#: Origins to learn from before the first fit.
_LEAST = 24 * 7
_HOURS, _WEEKDAYS = 24, 7


class _Origin(NamedTuple):
    end: int
    feature: Float64
    usual: Float64


class Ridge(Method):
    """For each lead a linear map of the last week's hourly deviations from the usual day, and of the calendar.

    The usual day is the mean of the slot over four weeks of like days (working days, weekends). A missing lag counts
    as no deviation and a missing target is left out of the sums of its lead, whose covariances are scaled to what is
    present: nothing is filled in. Weights of old hours halve every twenty weeks.
    """

    names = tuple(f"ridge on {LAG_HOURS} lags, penalty {penalty:g}" for penalty in PENALTIES)

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._quarters = memory.per_hour if memory.per_hour > 1 else 0
        size = LAG_HOURS + self._quarters + 1 + _HOURS + _WEEKDAYS
        self._deviation = Past((LAG_HOURS + 1) * memory.per_hour)
        self._origins: deque[_Origin] = deque(maxlen=HORIZON_HOURS + 2)
        self._square = np.zeros((size, size))
        self._cross = np.zeros((size, memory.horizon))
        self._weight, self._weights = 0.0, np.zeros(memory.horizon)
        self._scale, self._deviations, self._learned = 0.0, 0, 0
        self._map: Float64 | None = None

    def skip(self, count: int) -> None:
        """Nothing is known of the deviations either."""
        self._deviation.skip(count)

    def learn(self, value: float, at: Slots) -> None:
        """How far the step is from the usual; and what became of the origins a day ago."""
        self._settle()
        usual = float(self._memory.days.means(at, "class")[0])
        deviation = value - usual
        self._deviation.append(deviation)
        if np.isfinite(deviation):
            self._deviations = min(self._deviations + 1, 28 * self._memory.per_day)
            self._scale += (abs(deviation) - self._scale) / self._deviations

    def forecast(self, targets: Slots) -> Float64:
        """One row a penalty."""
        usual = self._memory.days.means(targets, "class")
        feature = self._features(targets)
        self._origins.append(_Origin(self._memory.past.end, feature, usual))
        if self._map is None:
            return np.full((len(PENALTIES), len(usual)), np.nan)
        return np.asarray(usual + feature @ self._map)

    def refit(self) -> None:
        """Solve each lead's normal equations."""
        if self._learned < _LEAST:
            return
        cross = self._cross * (self._weight / np.maximum(self._weights, 1e-9))
        own = np.diag(self._square)
        self._map = np.stack([_solve(self._square, cross, penalty * own) for penalty in PENALTIES])

    def _features(self, targets: Slots) -> Float64:
        per_hour = self._memory.per_hour
        hourly = self._deviation.newest(LAG_HOURS * per_hour).reshape(LAG_HOURS, per_hour).T
        lags = mean_present(hourly)
        newest = self._deviation.newest(self._quarters)
        calendar = np.zeros(1 + _HOURS + _WEEKDAYS)
        calendar[0] = 1.0
        calendar[1 + targets.of_day[0] // per_hour] = 1.0
        calendar[1 + _HOURS + targets.weekday[0]] = 1.0
        return np.concatenate([np.nan_to_num(lags), np.nan_to_num(newest), calendar * self._scale])

    def _settle(self) -> None:
        """Learn from the origins whose whole horizon is past, a step later: not in the tick of the next forecast."""
        while self._origins and self._origins[0].end + self._memory.horizon < self._memory.past.end:
            self._count_in(self._origins.popleft())

    def _count_in(self, origin: _Origin) -> None:
        target = self._memory.past.stretch(origin.end, self._memory.horizon) - origin.usual
        present = np.isfinite(target)
        if not present.any():
            return
        feature = origin.feature
        self._square *= _KEEP
        self._square += np.outer(feature, feature)
        self._cross *= _KEEP
        self._cross += np.outer(feature, np.where(present, target, 0.0))
        self._weight = self._weight * _KEEP + 1.0
        self._weights = self._weights * _KEEP + present
        self._learned += 1


def _solve(square: Float64, cross: Float64, penalty: Float64) -> Float64:
    tiny = 1e-9 * max(1e-12, float(np.trace(square)))
    factor = cho_factor(square + np.diag(penalty + tiny), check_finite=False)
    return np.asarray(cho_solve(factor, cross, check_finite=False))
