"""From oddness in any scale to a tail probability that means the same for every channel of every detector."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from bessline.analytics.detectors.base import HOLE_PERIODS
from bessline.sources.base import Float64

#: Bins of the histogram: so many to an octave, from 2**LOWEST up.
PER_OCTAVE, LOWEST, OCTAVES = 4, -6, 22
BINS = PER_OCTAVE * OCTAVES
#: The histograms' sums are brought up to date in turns of so many calls.
TURNS = 16


class Smoother:
    """A running mean that knows how much time has passed.

    Parameters
    ----------
    shape: of the scores.
    memory_s, period_s: time constant and usual pace, in seconds.

    A NaN leaves what was there untouched and is answered by NaN. After a hole it goes on from before: a new beginning
    would be all noise.
    """

    def __init__(self, shape: tuple[int, ...], *, memory_s: float, period_s: float) -> None:
        self._memory_s, self._period_s = memory_s, period_s
        self._mean = np.full(shape, np.nan)

    def update(self, score: Float64, *, elapsed_s: float) -> Float64:
        """Smoothed scores; the array is the caller's only until the next call."""
        share = 1 - math.exp(-min(elapsed_s, HOLE_PERIODS * self._period_s) / self._memory_s)
        moved: Float64 = self._mean + share * (score - self._mean)
        fresh = np.isnan(self._mean)
        if fresh.any():
            np.copyto(moved, score, where=fresh)
        known = np.isfinite(moved)
        np.copyto(self._mean, moved, where=known)
        return moved

    def held(self, row: int, channel: int) -> float:
        """The mean of one score as it stands."""
        return float(self._mean[row, channel])


class TailRank:
    """Which share of a channel's own past was at least as odd: bounded memory, whatever the scale.

    Parameters
    ----------
    shape: of the scores.
    tail: what is believed of the tail before anything is seen: P(score >= x) = (1 + x) ** -tail.
    weight: so many observations that belief is worth. It is what judges beyond the oddest value ever seen.
    memory_s: the past counts less with this time constant.

    The past is a histogram with `PER_OCTAVE` logarithmic bins to an octave, so a rank is exact to a bin's share, which
    is divided evenly. Its sums are at most `TURNS` calls of `refresh` old.
    """

    def __init__(self, shape: tuple[int, ...], *, tail: int, weight: float, memory_s: float) -> None:
        self._shape, self._tail, self._weight, self._memory_s = shape, tail, weight, memory_s
        self._count = np.zeros((*shape, BINS), dtype=np.float32)
        self._above = np.zeros((*shape, BINS + 1), dtype=np.float32)
        self._total: Float64 = np.zeros(shape)
        self._first = np.arange(math.prod(shape))
        self._turns = max(1, min(TURNS, shape[-1]))
        self._edges = np.linspace(0, shape[-1], self._turns + 1).astype(int)
        self._turn, self._rested_s = 0, np.zeros(self._turns)

    def seen(self) -> Float64:
        """How many observations each channel has, as they count now (a few ticks old)."""
        return self._total.copy()

    def update(self, score: Float64, *, learn: npt.NDArray[np.bool_], elapsed_s: float) -> Float64:
        """Tail probabilities of `score` (>= 0, NaN gives NaN) among those before it, in (0, 1].

        It is counted itself only where `learn` (bool, of the last axis) says so.
        """
        flat = score.reshape(-1)
        known = np.isfinite(flat)
        place = np.log2(np.maximum(np.where(known, flat, 1.0), 2.0**LOWEST))
        place -= LOWEST
        place *= PER_OCTAVE
        np.minimum(place, BINS - 1e-3, out=place)
        bin_ = place.astype(np.intp)
        share = place - bin_
        at = bin_ + self._first * (BINS + 1)
        upper = self._above.take(at + 1)
        within = self._above.take(at) - upper
        above = upper + within * (1 - share)
        base = 1.0 + flat
        power = base
        for _ in range(self._tail - 1):
            power = power * base
        chance = (above + self._weight / power) / (self._total.reshape(-1) + self._weight)
        self._learn(bin_, (known.reshape(self._shape) & learn).reshape(-1), elapsed_s)
        return chance.reshape(self._shape)

    def _learn(self, bin_: npt.NDArray[np.intp], learn: npt.NDArray[np.bool_], elapsed_s: float) -> None:
        flat = self._count.reshape(-1)
        flat[bin_ + self._first * BINS] += learn
        self._rested_s += elapsed_s

    def refresh(self) -> None:
        """Bring the sums of the next few channels up to date; to be called once for each `update`, at any time."""
        turn, self._turn = self._turn, (self._turn + 1) % self._turns
        part = slice(int(self._edges[turn]), int(self._edges[turn + 1]))
        count = self._count[..., part, :]
        count *= math.exp(-self._rested_s[turn] / self._memory_s)
        self._rested_s[turn] = 0.0
        self._above[..., part, :-1] = np.cumsum(count[..., ::-1], axis=-1)[..., ::-1]
        self._total[..., part] = self._above[..., part, 0]
