"""Isolation Forest, each row scored by trees that never saw it."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import IsolationForest

from bessline.sources.base import Float64, Int64

TREES, SAMPLES = 100, 256
#: Above this a row is isolated sooner than a random one is, on the average: the paper's own line.
AUTO_THRESHOLD = 0.5
_SEED = 20_240_501
#: Of the whole range; a half that saw one value alone has no width.
_LEAST_WIDTH = 0.01


class Halves:
    """Two forests, each trained on one half of the rows, chosen at random, and asked about the other.

    A forest that has seen a row knows its way to it, and the more so the fewer rows there are.

    Trees cannot tell how far a row lies outside all that they saw: it comes out like the outermost that they did. So
    what lies outside lifts the score towards 1, by its distance in widths of what was seen.

    F. T. Liu, K. M. Ting, Z.-H. Zhou, Isolation Forest, ICDM 2008. The same rows give the same scores.

    Parameters
    ----------
    values: float64[rows, features], NaN where there is no value; at least two rows.
    """

    def __init__(self, values: Float64) -> None:
        # trees compare in 32 bits: without its middle taken off, a large number that changes little is a constant
        self._middle, self._spread = _middle_and_spread(values)
        scaled = self.scaled(values)
        self.half: Int64 = np.random.default_rng(_SEED).permutation(len(values)) % 2
        seen = [scaled[self.half != half] for half in (0, 1)]
        self._forests, self._ranges = [self._fitted(rows) for rows in seen], [_range(rows) for rows in seen]
        self.scores = np.empty(len(values))
        for half in (0, 1):
            self.scores[self.half == half] = self.of(scaled[self.half == half], half=half)

    def scaled(self, values: Float64) -> Float64:
        """Values as the forests take them."""
        return (values - self._middle) / self._spread

    def of(self, scaled: Float64, *, half: int) -> Float64:
        """Scores 0..1 of scaled rows by the forest that did not see the rows of `half`."""
        if not len(scaled):
            return np.empty(0)
        score = -np.asarray(self._forests[half].score_samples(scaled), np.float64)
        low, width = self._ranges[half]
        outside = np.nan_to_num(np.maximum(low - scaled, scaled - low - width) / width).clip(0.0, 50.0).sum(axis=1)
        return np.asarray(1 - (1 - score) * np.exp(-outside), np.float64)

    @staticmethod
    def _fitted(rows: Float64) -> IsolationForest:
        return IsolationForest(n_estimators=TREES, max_samples=min(SAMPLES, len(rows)), random_state=_SEED).fit(rows)


def _middle_and_spread(values: Float64) -> tuple[Float64, Float64]:
    low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    middle = low / 2 + high / 2
    spread = high / 2 - low / 2
    return middle, np.where(spread > 0, spread, 1.0)


def _range(rows: Float64) -> tuple[Float64, Float64]:
    """The least value of each column and how wide it is, at least a little; of a column without values, everything."""
    low = np.where(np.isnan(rows), np.inf, rows).min(axis=0)
    high = np.where(np.isnan(rows), -np.inf, rows).max(axis=0)
    return np.where(low <= high, low, -1.0), np.where(low <= high, np.maximum(high - low, _LEAST_WIDTH), 2.0)
