"""A place where the signal has hardly ever been: half-space trees, all signals at once.

S. C. Tan, K. M. Ting, F. T. Liu: Fast Anomaly Detection for Streaming Data, IJCAI 2011. Here all nodes of one level of
a tree split on the same feature, so the leaf of a value is worked out in one step instead of a walk.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S, EVIDENCE, Level
from bessline.analytics.detectors.staggered import Staggered
from bessline.analytics.sentences import describe
from bessline.sources.base import Float64

TREES, SPLITS = 8, 16
#: Features: where the value is, and how far it came since a few turns ago; both in spreads.
FEATURES, BACK = 2, 3


class HalfSpaceTrees(Staggered):
    """How little of the past lies in the same leaves, averaged over `TREES` random cuts of level and change.

    The past counts with a memory of ten days (at least 1,000 turns). The cuts are drawn once, from a fixed seed.
    """

    name = "trees"
    vague = True

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        memory_s = max(10 * DAY_S, 1000 * self.turn_s)
        self._levels = {p.start: Level(p.stop - p.start, mean_s=memory_s, spread_s=memory_s) for p in self.parts}
        self._past = np.full((BACK, n), np.nan)
        random = np.random.default_rng(11)
        self._scale = SPLITS / random.uniform(4.0, 16.0, size=(TREES, FEATURES))
        self._shift_by = SPLITS / 2 + random.uniform(-0.5, 0.5, size=(TREES, FEATURES)) * SPLITS / 4
        self._mass = np.zeros((n, TREES, SPLITS**FEATURES), dtype=np.float32)
        self._total, self._gain = np.zeros(n), np.ones(n)
        self._growth = 1 + self.turn_s / memory_s

    def _score_part(self, part: slice, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        level = self._levels[part.start]
        floor = self.changes.floor[part]
        level.update(value, elapsed_s=self.turn_s, floor=floor, alive=self.changes.alive[part])
        scale = np.maximum(level.spread, floor)
        past = self._past[:, part]
        past[:, after_hole] = np.nan
        here, came = level.error / scale, (value - past[0]) / scale
        past[:-1] = past[1:]
        past[-1] = value
        known = np.isfinite(came)
        leaf = self._leaves(here, came, known)
        rows = np.arange(part.start, part.stop)[:, None], np.arange(TREES)[None, :], leaf
        mass = self._mass[rows]
        total = self._total[part]
        ratio = (total + 1) / (mass.mean(axis=1) / self._gain[part] + 1)
        ready = known & (total > 2 * EVIDENCE)
        self._grow(part, rows, mass, known & self.changes.alive[part])
        return np.where(ready, ratio, np.nan)

    def _leaves(self, here: Float64, came: Float64, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        """Leaf numbers, intp[signals, TREES]."""
        features = np.stack([here, came], axis=1)
        features[~known] = 0.0
        cut = np.clip(features[:, None, :] * self._scale + self._shift_by, 0, SPLITS - 1).astype(np.intp)
        return cut[:, :, 0] * SPLITS + cut[:, :, 1]

    def _grow(self, part: slice, rows: tuple[np.ndarray, ...], mass: np.ndarray, known: np.ndarray) -> None:
        """The newest counts for more and more, which is the same as the past counting for less and less."""
        gain, total = self._gain[part], self._total[part]
        self._mass[rows] = mass + (gain * known)[:, None]
        total += known
        total /= np.where(known, self._growth, 1.0)
        gain *= np.where(known, self._growth, 1.0)
        if gain.max(initial=0) > 1e6:
            self._mass[part] /= gain[:, None, None].astype(np.float32)
            gain[:] = 1.0

    def explain(self, channel: int) -> Finding:
        """There is no one expected value."""
        value = float(self.changes.previous[channel])
        name = self.channels[channel]
        return Finding(value, None, f"{describe(name, value)}, reached in a way it hardly ever is")
