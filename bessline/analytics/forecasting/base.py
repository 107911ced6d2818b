"""What every forecasting method is, and the past that all methods of one signal share."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from bessline.analytics.forecasting.local_clock import DAY_S, Slots
from bessline.analytics.forecasting.local_days import DAYS, LocalDays
from bessline.analytics.forecasting.past import Past
from bessline.sources.base import Float64

HOUR_S = 3600
#: How far the forecasts reach, and how often they are made.
HORIZON_HOURS = 24


class Memory:
    """The past of one signal in steps of `step_s` seconds (a whole part of an hour): in a row, and by local days.

    `horizon` is the number of steps of a forecast, `per_day` and `per_hour` the steps of a day and of an hour.
    """

    def __init__(self, step_s: int) -> None:
        self.step_s = step_s
        self.per_hour = HOUR_S // step_s
        self.per_day = DAY_S // step_s
        self.horizon = HORIZON_HOURS * self.per_hour
        self.past = Past((DAYS + 2) * self.per_day)
        self.days = LocalDays(self.per_day)

    def take(self, value: float, at: Slots) -> None:
        """The next step, `at` its place (slots of length 1); NaN when it is missing."""
        self.past.append(value)
        if not np.isnan(value):
            self.days.put(value, day=int(at.day[0]), of_day=int(at.of_day[0]))


class Method(ABC):
    """One way to forecast, possibly in several settings, each a row with its own name.

    `learn` is called once a step after `memory` took it; `forecast` on the hour; `refit` once a day.
    """

    names: tuple[str, ...]

    @abstractmethod
    def __init__(self, memory: Memory) -> None:
        """A method that knows nothing yet and reads the past from `memory`."""

    def learn(self, value: float, at: Slots) -> None:  # noqa: B027 - a method that only looks back need not learn
        """The newest step; NaN when it is missing."""

    def skip(self, count: int) -> None:  # noqa: B027 - nor mind a gap
        """`count` steps are missing."""

    def refit(self) -> None:  # noqa: B027 - nor be fitted
        """Nightly: fit to what was learned. The only costly call."""

    @abstractmethod
    def forecast(self, targets: Slots) -> Float64:
        """The steps after the newest, at `targets`: float64[len(names), horizon], NaN where there is no ground."""
