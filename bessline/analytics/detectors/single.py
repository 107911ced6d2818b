"""What the detectors of single signals share: changes worked out once a tick, and words with units."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import HOLE_PERIODS, Detector
from bessline.analytics.detectors.changes import Changes
from bessline.sources.base import Float64

HOUR_S, DAY_S = 3600.0, 86_400.0
#: Errors teach a level no more than this many spreads at once: learning is slowed by an outlier, never blocked.
CLIP = 8.0
#: A channel is silent until so many values were seen.
EVIDENCE = 32


class SingleSignal(Detector):
    """Watches each signal of its subject by itself, all in one array operation.

    `changes` may be shared by several; then its owner updates it, once before every `score`.
    """

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject)
        self._owns = changes is None
        self.changes = (
            Changes(len(subject.signals), hole_s=HOLE_PERIODS * subject.period_s) if changes is None else changes
        )

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`."""
        if self._owns:
            self.changes.update(t_ms, value)
        return self._score(t_ms, value)

    @abstractmethod
    def _score(self, t_ms: int, value: Float64) -> Float64:
        """The score, with `changes` up to date."""


class Level:
    """A running mean and spread of each signal, both slow to believe an outlier and never blocked by one.

    Parameters
    ----------
    n: signals.
    mean_s, spread_s: time constants in seconds of data time. The first values count by plain average.

    The spread is the running mean of absolute errors, clipped at `CLIP` spreads (so it still grows exponentially after
    a level shift), as robust as a median of absolute deviations to what matters here, and twice as quick to compute.
    """

    def __init__(self, n: int, *, mean_s: float, spread_s: float) -> None:
        self.mean_s, self.spread_s = mean_s, spread_s
        self.mean, self.spread, self.seen = np.full(n, np.nan), np.zeros(n), np.zeros(n)
        self.error = np.full(n, np.nan)
        self._grown = False

    def update(self, value: Float64, *, elapsed_s: float, changes: Changes) -> Float64:
        """Errors of the values against the mean before them, over the spread: float64[n], NaN before evidence.

        The spread is no smaller than the `changes`' floor, and learns only from what is alive.
        """
        np.subtract(value, self.mean, out=self.error)
        size = np.abs(self.error)
        scale = np.maximum(self.spread, changes.floor)
        ratio: Float64 = size / scale
        if self._grown and changes.complete:
            step = np.minimum(size, CLIP * scale)
            self.mean += min(1.0, elapsed_s / self.mean_s) * np.copysign(step, self.error)
            self.spread += min(1.0, elapsed_s / self.spread_s) * (step - self.spread)
            return ratio
        ratio = np.where(self.seen > EVIDENCE, ratio, np.nan)
        self._learn(value, size, scale, elapsed_s=elapsed_s, alive=changes.alive)
        return ratio

    def _learn(
        self, value: Float64, size: Float64, scale: Float64, *, elapsed_s: float, alive: npt.NDArray[np.bool_]
    ) -> None:
        """As above, with values missing and with signals that have been seen but a few times."""
        np.copyto(self.mean, value, where=np.isnan(self.mean))
        known = np.isfinite(size)
        self.seen += known
        early = 1.0 / np.maximum(self.seen, 1.0)
        step = np.minimum(size, np.where(self.seen > EVIDENCE, CLIP * scale, np.inf))
        share = np.maximum(early, min(1.0, elapsed_s / self.mean_s))
        np.add(self.mean, share * np.copysign(step, self.error), out=self.mean, where=known)
        share = np.maximum(early, min(1.0, elapsed_s / self.spread_s))
        np.add(self.spread, share * (step - self.spread), out=self.spread, where=known & alive)
        self._grown = bool(self.seen.min(initial=np.inf) > max(EVIDENCE, self.spread_s / elapsed_s))
