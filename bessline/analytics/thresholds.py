"""Which score is worth an alarm: the one that keeps to a wanted number of false alarms a week."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

WEEK_BLOCKS = 28
BLOCK_MS = 7 * 86_400_000 // WEEK_BLOCKS
#: The past that counts: eight weeks of blocks. More would be smoother, and late to follow the seasons.
KEPT = 8 * WEEK_BLOCKS


class BlockMaxima:
    """The quantile of the highest scores of past 6-hour blocks.

    Alarms come in clusters, so the share of ticks above a score says little of how often it alarms; the share of blocks
    does. The threshold of a week's budget b is the score that a block exceeds with a chance of b / 28, which is the
    k-th highest of n past blocks with k = (n + 1) b / 28. Where k is less than 1 it lies beyond all that was seen, by
    an exponential tail over the upper part; that its scale is known from a few blocks only makes that tail a Pareto one
    (its predictive distribution), so few blocks give a threshold that is rather too high than too low.

    Parameters
    ----------
    least: so many blocks with a score must be over before there is a threshold.
    young: for so many blocks scores are -log10 of ranks in a past that grows. What is beyond all of it (higher than
        -log10 of one in so many) looks the odder the longer that past is, so such earlier maxima are taken as what they
        would be now. 0 for scores of any other kind.
    """

    def __init__(self, *, least: int, young: int = 0) -> None:
        self.least, self.young = least, young
        self._block: int | None = None
        self._highest = -math.inf
        self._count, self._seen = 0, 1
        self._past: deque[tuple[int, float]] = deque(maxlen=KEPT)
        self._sorted: list[float] = []
        self._cached: dict[float, float] = {}

    @property
    def blocks(self) -> int:
        """How many past blocks count."""
        return len(self._past)

    def update(self, t_ms: int, highest: float) -> None:
        """Take the highest score of a tick, NaN for none."""
        block = t_ms // BLOCK_MS
        if self._block != block:
            self._close()
            self._block = block
        self._seen += highest == highest
        if highest > self._highest:
            self._highest = highest

    def _close(self) -> None:
        """The block is over: it counts from now on."""
        if self._highest > -math.inf:
            self._count += 1
            beyond_all = self._highest > math.log10(self._seen)
            self._past.append((self._count if beyond_all else KEPT + self.young, self._highest))
            self._sorted = sorted(highest + self._grown(count) for count, highest in self._past)
            self._cached.clear()
        self._highest = -math.inf

    def _grown(self, count: int) -> float:
        """By how much a score of what was never seen grew since block number `count`."""
        return max(0.0, math.log10(min(self._count, self.young) / min(count, self.young))) if self.young else 0.0

    def threshold(self, per_week: float) -> float | None:
        """The score that is exceeded `per_week` times a week; None before there is evidence."""
        if self.blocks < self.least:
            return None
        if per_week not in self._cached:
            self._cached[per_week] = self._quantile(per_week / WEEK_BLOCKS)
        return self._cached[per_week]

    def _quantile(self, chance: float) -> float:
        rank = chance * (self.blocks + 1)
        top = self._sorted
        if rank >= 1:
            below = min(int(rank), self.blocks)
            share = min(rank - below, 1.0)
            upper, lower = top[-below], top[max(-below - 1, -self.blocks)]
            return upper + share * (lower - upper)
        # The upper fifth: how much it lies beyond its lowest in all, shared by one less.
        upper_part = np.array(top[-max(4, self.blocks // 5) :])
        n, excess = len(upper_part), float(np.sum(upper_part - upper_part[0]))
        rarer = n / (self.blocks + 1) / chance
        return top[-n] + excess * float(rarer ** (1 / (n - 1)) - 1)


class FittedTail(BlockMaxima):
    """The same promise for scores that count standard deviations and of which only healthy ones are to be taken.

    A Gumbel distribution through the median and the upper quartile of the past blocks, so a fault that went on for
    days moves the threshold little. Its tail is longer than that of the maxima of normal residuals.

    E. J. Gumbel, Statistics of Extremes, Columbia University Press 1958.
    """

    def _quantile(self, chance: float) -> float:
        middle, upper = (float(np.quantile(self._sorted, share)) for share in (0.5, 0.75))
        scale = (upper - middle) / (_gumbel(0.75) - _gumbel(0.5))
        return middle + scale * (_gumbel(1 - min(chance, 0.5)) - _gumbel(0.5))


def _gumbel(share: float) -> float:
    """The standard Gumbel distribution's quantile."""
    return -math.log(-math.log(share))
