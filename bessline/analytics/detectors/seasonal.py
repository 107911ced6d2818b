"""A value far from what it usually is at this time of day."""

from __future__ import annotations

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S, Level, SingleSignal
from bessline.analytics.sentences import against
from bessline.sources.base import Float64

BINS = 48
BIN_S = DAY_S / BINS
#: A channel is silent at a time of day that it was not seen at on so many days.
DAYS = 3


class SeasonalResidual(SingleSignal):
    """The mean of each half hour of the (UTC) day over about a week, moved by how today differs so far.

    The second part, with a memory of 16 hours, is why a level shift is over within two days while the profile needs a
    week to learn it.
    """

    name = "seasonal"

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self._profile, self._seen_s = np.full((BINS, n), np.nan), np.zeros((BINS, n))
        self._offset = Level(n, mean_s=16 * 3600.0, spread_s=3 * DAY_S)
        self._expected = np.full(n, np.nan)

    def _score(self, t_ms: int, value: Float64) -> Float64:
        elapsed_s = self.elapsed_s(t_ms)
        row = int(t_ms // 1000 % int(DAY_S) // BIN_S)
        profile, seen_s = self._profile[row], self._seen_s[row]
        residual = value - profile
        ready = seen_s >= (DAYS - 0.5) * BIN_S
        residual_known = np.where(ready, residual, np.nan)
        floor, alive = self.changes.floor, self.changes.alive
        ratio = self._offset.update(residual_known, elapsed_s=elapsed_s, floor=floor, alive=alive)
        np.subtract(value, self._offset.error, out=self._expected)
        self._learn(profile, seen_s, value, step_s=min(elapsed_s, BIN_S))
        return ratio

    def _learn(self, profile: Float64, seen_s: Float64, value: Float64, *, step_s: float) -> None:
        new = np.isnan(profile)
        if new.any():
            np.copyto(profile, value, where=new)
        known = self.changes.present
        np.add(seen_s, step_s, out=seen_s, where=known)
        pace = np.maximum(step_s / np.maximum(seen_s, step_s), step_s / (7 * BIN_S))
        np.add(profile, pace * (value - profile), out=profile, where=known)

    def explain(self, channel: int) -> Finding:
        """The value against the time of day."""
        value = float(self.changes.previous[channel])
        return against(
            self.channels[channel], value, float(self._expected[channel]), why="what this time of day lets expect"
        )
