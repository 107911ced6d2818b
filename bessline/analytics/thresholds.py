"""Which score is worth an alarm: the one that keeps to a wanted number of false alarms a week."""

from __future__ import annotations

import bisect
import math

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
    an exponential tail fitted to the upper part.

    Parameters
    ----------
    least: so many blocks with a score must be over before there is a threshold.
    """

    def __init__(self, *, least: int) -> None:
        self.least = least
        self._block: int | None = None
        self._highest = -math.inf
        self._order: list[float] = []
        self._sorted: list[float] = []
        self._cached: dict[float, float] = {}

    @property
    def blocks(self) -> int:
        """How many past blocks count."""
        return len(self._order)

    def update(self, t_ms: int, highest: float) -> None:
        """Take the highest score of a tick, NaN for none."""
        block = t_ms // BLOCK_MS
        if self._block != block:
            self._close()
            self._block = block
        if highest > self._highest:
            self._highest = highest

    def _close(self) -> None:
        """The block is over: it counts from now on."""
        if self._highest > -math.inf:
            if len(self._order) == KEPT:
                self._sorted.pop(bisect.bisect_left(self._sorted, self._order.pop(0)))
            self._order.append(self._highest)
            bisect.insort(self._sorted, self._highest)
            self._cached.clear()
        self._highest = -math.inf

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
        # Beyond the highest: the mean excess of the upper fifth is the scale of an exponential tail.
        upper_part = np.array(top[-max(4, self.blocks // 5) :])
        scale = float(np.mean(upper_part - upper_part[0])) * len(upper_part) / (len(upper_part) - 1)
        return top[-1] + scale * math.log(1 / rank)
