"""A place where the signal has hardly ever been: half-space trees, all signals at once.

S. C. Tan, K. M. Ting, F. T. Liu: Fast Anomaly Detection for Streaming Data, IJCAI 2011. Here all nodes of one level of
a tree split on the same feature, so the leaf of a value is worked out in one step instead of a walk.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S, EVIDENCE, Level
from bessline.analytics.detectors.staggered import Staggered
from bessline.analytics.sentences import describe, quantity, span
from bessline.sources.base import Float64

TREES, SPLITS = 5, 16
#: Features: where the value is, and how far it came since a few turns ago; both in spreads.
FEATURES, BACK = 2, 3


class HalfSpaceTrees(Staggered):
    """How little of the past lies in the same leaves, averaged over `TREES` random cuts of level and change.

    The past counts with a memory of ten days (at least 1,000 turns). The cuts are drawn once, from a fixed seed.
    """

    name = "trees"
    vague = True
    phase = 3

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        memory_s = max(10 * DAY_S, 1000 * self.turn_s)
        self._level = Level(n, mean_s=memory_s, spread_s=memory_s)
        self._past, self._came = np.full((BACK, n), np.nan), np.full(n, np.nan)
        random = np.random.default_rng(11)
        self._scale = SPLITS / random.uniform(4.0, 16.0, size=(FEATURES, TREES))
        self._shift_by = SPLITS / 2 + random.uniform(-0.5, 0.5, size=(FEATURES, TREES)) * SPLITS / 4
        self._mass = np.zeros((n, TREES, SPLITS**FEATURES), dtype=np.float32)
        self._first = np.arange(n * TREES).reshape(n, TREES) * SPLITS**FEATURES
        self._total, self._gain = np.zeros(n), np.ones(n)
        self._growth = 1 + self.turn_s / memory_s

    def _score_turn(self, t_ms: int, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        self._level.update(value, elapsed_s=self.turn_s, changes=self.changes)
        scale = np.maximum(self._level.spread, self.changes.floor)
        if after_hole.any():
            self._past[:, after_hole] = np.nan
        np.subtract(value, self._past[0], out=self._came)
        here, came = self._level.error / scale, self._came / scale
        self._past[:-1] = self._past[1:]
        self._past[-1] = value
        known = np.isfinite(came)
        at = self._first + self._leaves(here, came, known)
        mass = self._mass.take(at)
        ratio = (self._total + 1) / (mass.mean(axis=1) / self._gain + 1)
        ready = known & (self._total > 2 * EVIDENCE)
        self._grow(at, mass, known & self.changes.alive)
        return np.where(ready, ratio, np.nan)

    def _leaves(self, here: Float64, came: Float64, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        """Leaf numbers, intp[signals, TREES]."""
        features = np.where(known, (here, came), 0.0)[:, :, None]
        cut = (features * self._scale[:, None, :] + self._shift_by[:, None, :]).clip(0, SPLITS - 1).astype(np.intp)
        leaves: npt.NDArray[np.intp] = cut[0] * SPLITS + cut[1]
        return leaves

    def _grow(self, at: npt.NDArray[np.intp], mass: npt.NDArray[np.float32], learn: npt.NDArray[np.bool_]) -> None:
        """The newest counts for more and more, which is the same as the past counting for less and less."""
        self._mass.reshape(-1)[at] = mass + (self._gain * learn).astype(np.float32)[:, None]
        growth = np.where(learn, self._growth, 1.0)
        self._total += learn
        self._total /= growth
        self._gain *= growth
        if self._gain.max(initial=0) > 1e6:
            self._mass /= self._gain[:, None, None].astype(np.float32)
            self._gain[:] = 1.0

    def explain(self, channel: int) -> Finding:
        """The value, how it came there, its level of the last days, and how seldom the two went together."""
        value, came = float(self.changes.previous[channel]), float(self._came[channel])
        name, level = self.channels[channel], float(self._level.mean[channel])
        way = "" if math.isnan(came) or came == 0 else f", {'down' if came < 0 else 'up'} "
        way += f"{quantity(name, abs(came), like=value)} within {span(BACK * self.turn_s)}" if way else ""
        usual = quantity(name, float(f"{self._level.spread[channel]:.2g}"))
        habit = f"in the last days {quantity(name, level, like=value)}, usually within {usual} of it"
        seldom = 100 / max(1.0, float(self._held[channel]))
        rarity = f"such a level {'after such a change' if way else 'without a change'} in {seldom:.2g} % of the time"
        return Finding(value, level, f"{describe(name, value)}{way}; {habit}; {rarity}")
