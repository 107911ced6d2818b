"""The forecast of one signal: its memory, its pool of methods, its bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bessline import signals
from bessline.analytics.forecasting.bands import LEVEL, Band, Bands
from bessline.analytics.forecasting.base import Memory
from bessline.analytics.forecasting.local_clock import Slots
from bessline.analytics.forecasting.pool import Choice, Pool
from bessline.sources.base import Float64

#: Whole forecasts that must have come true before one is published.
TRIALS = 24


class SignalForecast:
    """Of `signal` (``topic.field``) in steps of `step_s` seconds: fed every step once, asked on the hour."""

    def __init__(self, signal: str, step_s: int) -> None:
        row = signals.lookup(*signal.split(".", 1))
        self.signal = signal
        self.memory = Memory(step_s)
        self.pool = Pool(self.memory)
        self.bands = Bands(self.memory)
        self._low, self._high = row.valid if row else (None, None)
        self._present: int | None = None
        self._fitted: int | None = None
        self._method: str | None = None

    def take(self, step: int, value: float, *, at: Slots) -> None:
        """Step number `step`, next to the one before it; NaN when missing; `at` its slots (of length 1)."""
        if self._present is None:
            self.memory.past.end = step
        self.memory.take(value, at)
        self.bands.learn(value, step, at=at)
        self.pool.learn(value, at)
        if not np.isnan(value):
            self._present = step

    def skip(self, count: int) -> None:
        """`count` steps are missing."""
        if count:
            self.memory.past.skip(count)
            self.pool.skip(count)

    def refit_nightly(self, at: Slots, *, hour: int) -> None:
        """Once a local day, at `hour` or later: signals take different hours, so that no tick bears all."""
        day = int(at.day[0])
        if day != self._fitted and at.of_day[0] >= hour * self.memory.per_hour:
            self._fitted = day
            self.pool.refit()

    def forecast(self, targets: Slots, stamps: Sequence[str]) -> dict[str, Any] | None:
        """The steps after the newest, as the contract has it; None before there is evidence.

        What is forecast before is not published, but held to what comes all the same.
        """
        choice = self.pool.forecast(targets)
        median = self._possible(choice.median)
        self._method = self._called(choice, median)
        band = Band(*(self._possible(side) for side in self.bands.around(median, targets)))
        self.bands.promise(self.memory.past.end, median, band=band, targets=targets)
        if self._waiting() is not None:
            return None
        return {
            "signal": self.signal,
            "step_s": self.memory.step_s,
            "horizon": _horizon(stamps, median, band=band),
            "level": LEVEL,
            "method": self._method,
            "coverage_observed": self.bands.coverage,
            "coverage_points": self.bands.judged,
        }

    def state(self) -> dict[str, Any]:
        """How far it has learned, what it uses, and each judged method's error over the floor's."""
        skill = zip(self.pool.names, self.pool.skill.tolist(), strict=True)
        return {
            "status": self._waiting() or "forecasting",
            "method": self._method,
            "coverage_observed": self.bands.coverage,
            "error_over_floor": {name: round(ratio, 4) for name, ratio in skill if np.isfinite(ratio)},
        }

    def _waiting(self) -> str | None:
        trials = self.bands.scored // self.memory.horizon
        if trials < TRIALS:
            return f"learning, {trials} of {TRIALS} forecasts have come true"
        if self._present is None or self.memory.past.end - self._present > self.memory.per_day:
            return "silent, no value for more than a day"
        return None

    def _called(self, choice: Choice, median: Float64) -> str:
        limited = not np.array_equal(median, choice.median, equal_nan=True)
        return f"{choice.method}, limited to what is possible" if limited else choice.method

    def _possible(self, value: Float64) -> Float64:
        """A state of charge of 103 % is no forecast; where a median is cut off, `method` says so."""
        return value if self._low is None and self._high is None else np.clip(value, self._low, self._high)


def _horizon(stamps: Sequence[str], median: Float64, *, band: Band) -> list[dict[str, Any]]:
    columns = [_or_none(column) for column in (median, band.lower, band.upper)]
    return [
        {"timestamp": stamp, "median": middle, "lower": lower, "upper": upper}
        for stamp, middle, lower, upper in zip(stamps, *columns, strict=True)
    ]


def _or_none(column: Float64) -> list[float | None]:
    values: list[float | None] = column.tolist()
    for place in np.flatnonzero(np.isnan(column)):
        values[place] = None
    return values
