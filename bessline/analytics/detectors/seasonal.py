"""A value far from what it usually is at this time of day."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import HOLE_PERIODS, Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S, HOUR_S, Level
from bessline.analytics.detectors.staggered import Staggered
from bessline.analytics.sentences import against
from bessline.sources.base import Float64

BINS = 48
BIN_S = DAY_S / BINS
#: Parts of a day in which the days of the week may differ, and over how many weeks that is learned.
PARTS, WEEKS = 8, 4.0
#: A channel is silent at a time of day that it was not seen at on so many days.
DAYS = 3


class SeasonalResidual(Staggered):
    """The mean of each half hour of the (UTC) day over about a week, and how the days of the week differ from it, moved
    by how today differs so far.

    The last part, with a memory of 16 hours, is why a level shift is over within two days while the profile needs a
    week to learn it. Days of the week are learned over a month, three hours at a time, and count the more the more of
    them were seen.
    """

    name = "seasonal"
    counts_usual = True
    phase = 4

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self._profile, self._seen_s = np.full((BINS, n), np.nan), np.zeros((BINS, n))
        self._weekday, self._weekday_s = np.zeros((7 * PARTS, n)), np.zeros((7 * PARTS, n))
        self._offset = Level(n, mean_s=16 * HOUR_S, spread_s=3 * DAY_S)
        self._expected = np.full(n, np.nan)

    def _score_turn(self, t_ms: int, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        elapsed_s = min((t_ms - self._turn_ms) / 1000, HOLE_PERIODS * self.turn_s)
        second = t_ms // 1000
        profile, seen_s = (table[int(second % DAY_S // BIN_S)] for table in (self._profile, self._seen_s))
        part = int(second // (DAY_S / PARTS) % (7 * PARTS))
        residual = np.where(seen_s >= (DAYS - 0.5) * BIN_S, value - profile, np.nan)
        special = self._learn_weekday(part, residual, step_s=min(elapsed_s, DAY_S / PARTS))
        ratio = self._offset.update(residual - special, elapsed_s=elapsed_s, changes=self.changes)
        self._expected = value - self._offset.error
        self._learn(profile, seen_s, value, step_s=min(elapsed_s, BIN_S))
        return ratio

    def _learn_weekday(self, part: int, residual: Float64, *, step_s: float) -> Float64:
        """How this part of the week differs from other days, before it learns from now."""
        weekday, seen_s, part_s = self._weekday[part], self._weekday_s[part], DAY_S / PARTS
        weeks = np.minimum(seen_s / part_s, WEEKS)
        special: Float64 = weekday * (weeks / (weeks + 1))
        known = np.isfinite(residual)
        np.add(seen_s, step_s, out=seen_s, where=known)
        pace = np.maximum(step_s / np.maximum(seen_s, step_s), step_s / (WEEKS * part_s))
        np.add(weekday, pace * (residual - weekday), out=weekday, where=known)
        return special

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
        usual = max(float(self._offset.spread[channel]), float(self.changes.floor[channel]))
        expected = float(self._expected[channel])
        return against(self.channels[channel], value, expected, why="this time of day", usual=usual)
