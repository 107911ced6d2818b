"""Detectors that look at the same channels, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bessline.analytics.calibration import Smoother, TailRank
from bessline.analytics.detectors.base import HOLE_PERIODS, Detector, Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.sentences import the_last
from bessline.sources.base import Float64, Int64

DAY_S = 86_400.0
#: After a hole a channel is silent for half as long as it was away, at most for so long.
SETTLE_S = 7200.0
#: So many calibrated scores of a channel, and so much time with them, come before the first word.
LEARN_TICKS, LEARN_S = 200.0, DAY_S
#: Scores are smoothed over so long (at least so many readings) before they are ranked over so much of the past.
SMOOTH_S, SMOOTH_TICKS, MEMORY_S = 3 * 3600.0, 12, 120 * DAY_S
#: A surprise worth telling of.
SURE = 1.5


class Panel:
    """Calibrates each detector on each channel by itself, and their cubic mean again, so that all channels compare.

    Parameters
    ----------
    detectors: with the same channels; each is smoothed, ranked over its own past, and weighs the same.
    period_s: the pace of the readings, in seconds.
    inputs: places of the detectors' signals among the readings' values; None for all of them.
    changes: shared by the detectors, and brought up to date here.
    turns: so many ticks from one calibration to the next.

    `surprises`: float64[detectors, channels], those of each detector at the last calibration.

    The answer is a surprise: the negative decimal logarithm of the tail probability; 3 is seen once in a thousand.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        period_s: float,
        inputs: Int64 | None = None,
        changes: Changes | None = None,
        turns: int = 1,
    ) -> None:
        self.detectors, self.channels = tuple(detectors), detectors[0].channels
        self._inputs, self._changes, self._turns = inputs, changes, turns
        self._turn_s = turns * period_s
        shape = (len(self.detectors), len(self.channels))
        self._smooth_s = max(SMOOTH_S, SMOOTH_TICKS * period_s)
        self._smoother = Smoother(shape, memory_s=self._smooth_s, period_s=period_s)
        half = (shape[0] + 1) // 2
        self._halves = (slice(0, half), slice(half, shape[0]))
        self._each = [
            TailRank((rows.stop - rows.start, shape[1]), tail=3, weight=100.0, memory_s=MEMORY_S)
            for rows in self._halves
        ]
        self._joint = TailRank(shape[1:], tail=1, weight=20.0, memory_s=MEMORY_S)
        self._raw, self.surprises = np.full(shape, np.nan), np.full(shape, np.nan)
        self._learned_s = np.zeros(shape[1])
        self._seen_ms: Int64 = np.full(shape[1], -(2**62), dtype=np.int64)
        self._quiet_until: Int64 = np.full(shape[1], -(2**62), dtype=np.int64)
        self._known, self._learn = np.zeros(shape[1], dtype=bool), np.zeros(shape[1], dtype=bool)
        self._tick, self._elapsed_s, self._rank_s = 0, 0.0, 0.0

    def update(self, t_ms: int, value: Float64, *, elapsed_s: float) -> Float64 | None:
        """Surprise of each channel, float64[channels]; NaN before evidence, without a value, and after a hole.

        None between the turns: there is nothing new.
        """
        if self._inputs is not None:
            value = value[self._inputs]
        if self._changes is not None:
            self._changes.update(t_ms, value)
        for row, detector in enumerate(self.detectors):
            self._raw[row] = detector.score(t_ms, value)
        smooth = self._smoother.update(self._raw, elapsed_s=elapsed_s)
        self._elapsed_s += elapsed_s
        tick, self._tick = self._tick, (self._tick + 1) % self._turns
        last = self._turns - 1
        # Each step at a tick of its own, if there are so many.
        if tick == max(last - 3, 0):
            self._settle(t_ms)
            self._rank(0, smooth)
        if tick == max(last - 1, 0):
            self._rank(1, smooth)
        joined = self._joined() if tick == last else None
        if tick == max(last - 2, 0):
            for rank in (*self._each, self._joint):
                rank.refresh()
        return joined

    def _settle(self, t_ms: int) -> None:
        self._known = self._settled(t_ms)
        self._learn = self._known if self._changes is None else self._known & self._changes.alive
        self._rank_s, self._elapsed_s = self._elapsed_s, 0.0

    def _rank(self, half: int, smooth: Float64) -> None:
        rows = self._halves[half]
        chance = self._each[half].update(smooth[rows], learn=self._learn, elapsed_s=self._rank_s)
        np.negative(np.log10(chance), out=self.surprises[rows])

    def _joined(self) -> Float64:
        # A cubic mean: between the mean, which needs all detectors to agree, and the highest, which needs but one.
        there = np.isfinite(self.surprises)
        many = np.maximum(there.sum(axis=0), 1)
        parts = np.where(there, self.surprises, 0.0)
        mean = np.cbrt(np.maximum((parts * parts * parts).sum(axis=0) / many, 0.0))
        spread = np.where(self._known, 10.0**mean - 1, np.nan)
        surprise = -np.log10(self._joint.update(spread, learn=self._learn, elapsed_s=self._rank_s))
        self._learned_s += self._rank_s * self._learn
        ready = self._ready()
        return surprise if ready.all() else np.where(ready, surprise, np.nan)

    def _ready(self) -> npt.NDArray[np.bool_]:
        return self._learned_s >= max(LEARN_S, LEARN_TICKS * self._turn_s)

    def _settled(self, t_ms: int) -> npt.NDArray[np.bool_]:
        """Where there is a score, and no hole just before it."""
        known: npt.NDArray[np.bool_] = np.isfinite(self._raw).any(axis=0)
        away_ms = t_ms - self._seen_ms
        back = known & (away_ms > HOLE_PERIODS * 1000 * self._turn_s)
        if back.any():
            quiet = np.minimum(away_ms / 2, SETTLE_S * 1000)
            np.copyto(self._quiet_until, t_ms + quiet, where=back, casting="unsafe")
        np.copyto(self._seen_ms, t_ms, where=known)
        return known & (t_ms >= self._quiet_until)

    def learning(self) -> tuple[int, int]:
        """How many channels have learned enough to speak, of how many."""
        return int(self._ready().sum()), len(self.channels)

    def explain(self, channel: int) -> tuple[str, Finding]:
        """The detector that is most surprised at `channel`, and what it says.

        A vague one speaks only if no other is surprised at all.
        """
        told = np.where(np.isnan(self.surprises[:, channel]), -1.0, self.surprises[:, channel])
        vague = np.array([detector.vague for detector in self.detectors])
        detector = self.detectors[int(np.where(vague & (told[~vague].max(initial=-1.0) > SURE), -1.0, told).argmax())]
        if not detector.counts_usual:
            return detector.name, detector.explain(channel)
        times = self._smoother.held(self.detectors.index(detector), channel)
        return detector.name, detector.on_average(channel, times, over=the_last(self._smooth_s))
