"""Additive exponential smoothing with two seasons, the day and the week, in several settings side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bessline.analytics.forecasting.base import HOUR_S, Memory, Method
from bessline.analytics.forecasting.local_clock import Slots
from bessline.sources.base import Float64


class Setting(NamedTuple):
    """How fast each part follows: `level` and `fading` an hour, `daily` and `weekly` a visit of their slot.

    `fading` is what is left after an hour of the newest deviation.
    """

    level: float
    daily: float
    weekly: float
    fading: float


SETTINGS = (
    Setting(0.003, 0.05, 0.05, 0.80),
    Setting(0.01, 0.10, 0.10, 0.80),
    Setting(0.04, 0.10, 0.10, 0.70),
    Setting(0.10, 0.10, 0.10, 0.50),
)
#: An innovation counts at most this many times the usual one: a spike must not bend the season.
_CLIP = 3.0
_SPREAD_DAYS = 14


class HoltWinters(Method):
    """Taylor's double seasonal Holt-Winters without trend: level + day + week + a fading deviation.

    References
    ----------
    J. W. Taylor, Short-term electricity demand forecasting using double seasonal exponential smoothing, 2003.
    S. Gelper, R. Fried, C. Croux, Robust forecasting with exponential and Holt-Winters smoothing, 2010.
    """

    names = tuple(f"Holt-Winters {number}" for number in range(1, len(SETTINGS) + 1))

    def __init__(self, memory: Memory) -> None:
        rate = np.array(SETTINGS).T
        hours = memory.step_s / HOUR_S
        count = len(SETTINGS)
        self._memory = memory
        self._daily_rate, self._weekly_rate = rate[1], rate[2]
        self._fading = rate[3] ** hours
        # finer steps bring smaller innovations, as more of the deviation is still there: alike an hour, not a step
        self._level_rate = rate[0] * hours * (1 - rate[3]) / (1 - self._fading)
        self._first = np.full(memory.per_day, np.nan)
        self._level = np.full(count, np.nan)
        self._daily = np.zeros((count, memory.per_day))
        self._weekly = np.zeros((count, 7, memory.per_day))
        self._deviation = np.zeros(count)
        self._spread = np.full(count, np.nan)
        self._since = 0

    def skip(self, count: int) -> None:
        """What is missing changes nothing but the age of the newest deviation."""
        self._since += count

    def learn(self, value: float, at: Slots) -> None:
        """Error correction by the part of the innovation that is not out of all proportion."""
        self._since += 1
        if np.isnan(value):
            return
        slot, weekday = int(at.of_day[0]), int(at.weekday[0])
        if np.isnan(self._level[0]):
            self._begin(value, slot)
            return
        season = self._level + self._daily[:, slot] + self._weekly[:, weekday, slot]
        innovation = self._within_reason(value - season - self._deviation * self._fading**self._since)
        self._deviation = self._deviation * self._fading**self._since + innovation
        self._level += self._level_rate * innovation
        self._daily[:, slot] += self._daily_rate * innovation
        self._weekly[:, weekday, slot] += self._weekly_rate * innovation
        self._since = 0

    def forecast(self, targets: Slots) -> Float64:
        """One row a setting."""
        season = self._daily[:, targets.of_day] + self._weekly[:, targets.weekday, targets.of_day]
        ahead = self._since + np.arange(1, len(targets.day) + 1)
        fading = self._deviation[:, None] * self._fading[:, None] ** ahead
        return np.asarray(self._level[:, None] + season + fading)

    def _begin(self, value: float, slot: int) -> None:
        """A day's worth of slots is the first season; its mean the first level."""
        self._first[slot] = value
        seen = np.isfinite(self._first)
        if seen.mean() < 0.9:
            return
        self._level[:] = self._first[seen].mean()
        self._daily[:, seen] = self._first[seen] - self._level[0]
        self._spread[:] = np.abs(self._first[seen] - self._level[0]).mean()

    def _within_reason(self, innovation: Float64) -> Float64:
        limit = _CLIP * self._spread
        self._spread += (np.abs(innovation) - self._spread) / (_SPREAD_DAYS * self._memory.per_day)
        return np.clip(innovation, -limit, limit)
