"""Feeding methods step by step, as `SignalForecast` does."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bessline.analytics.forecasting.base import Memory, Method
from bessline.analytics.forecasting.local_clock import LocalClock, Slots
from bessline.sources.base import Float64

HOUR_S = 3600


class Walk:
    """A memory in steps of an hour from step `first` on, and the methods that learn from it."""

    def __init__(self, *, first: int = 0, timezone: str | None = None, step_s: int = HOUR_S) -> None:
        self.memory = Memory(step_s)
        self.memory.past.end = first
        self.clock = LocalClock(timezone, step_s)

    @property
    def targets(self) -> Slots:
        return self.clock.slots(self.memory.past.end, self.memory.horizon)

    def feed(self, values: Iterable[float], method: Method | None = None) -> None:
        for value in values:
            at = self.clock.slots(self.memory.past.end, 1)
            self.memory.take(float(value), at)
            if method:
                method.learn(float(value), at)


def daily(days: int, *, noise: float = 0.0, seed: int = 0) -> Float64:
    """Hours of a plain daily curve around 50 with noise: float64[24 * days]."""
    hours = np.arange(24 * days)
    return 50 + 20 * np.sin(2 * np.pi * hours / 24) + noise * np.random.default_rng(seed).normal(size=len(hours))
