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

    def update(
        self, value: Float64, *, elapsed_s: float, floor: Float64, alive: npt.NDArray[np.bool_] | None = None
    ) -> Float64:
        """Errors of the values against the mean before them, over the spread: float64[n], NaN before evidence.

        The spread is no smaller than `floor` and learns only where `alive` says so.
        """
        np.subtract(value, self.mean, out=self.error)
        new = np.isnan(self.mean)
        if new.any():
            np.copyto(self.mean, value, where=new)
        scale = np.maximum(self.spread, floor)
        size = np.abs(self.error)
        with np.errstate(invalid="ignore"):
            ratio = size / scale
        self._learn(size, scale, elapsed_s, alive)
        return np.where(self.seen > EVIDENCE, ratio, np.nan)

    def _learn(self, size: Float64, scale: Float64, elapsed_s: float, alive: npt.NDArray[np.bool_] | None) -> None:
        known = np.isfinite(size)
        self.seen += known
        early = 1.0 / np.maximum(self.seen, 1.0)
        limit = np.where(self.seen > EVIDENCE, CLIP * scale, np.inf)
        step = np.minimum(size, limit)
        towards = np.maximum(early, min(1.0, elapsed_s / self.mean_s)) * np.copysign(step, self.error)
        np.add(self.mean, towards, out=self.mean, where=known)
        towards = np.maximum(early, min(1.0, elapsed_s / self.spread_s)) * (step - self.spread)
        np.add(self.spread, towards, out=self.spread, where=known if alive is None else known & alive)
