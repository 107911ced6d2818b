"""A device whose signals do not fit together as they always do: principal components over all of them."""

from __future__ import annotations

import math

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.detectors.stillness import Stillness
from bessline.analytics.sentences import against, the_last
from bessline.signals import lookup
from bessline.sources.base import Float64

DAY_S, HOUR_S = 86_400.0, 3600.0
TOPICS = ("bms", "pcs", "aux", "env")
#: Fewer signals than this have no shape.
LEAST = 8
#: The components that explain so much of the variance are what is usual; they are worked out anew so often.
EXPLAINED, EVERY_S = 0.9, 6 * HOUR_S
MEMORY_S, LEARN_S, SMOOTH_S = 7 * DAY_S, 4 * DAY_S, 1800.0
CLIP, MOST = 5.0, 20.0
SINCE = the_last(SMOOTH_S)
#: No smaller residual is believed, in standard deviations of the signal.
LEAST_SPREAD = 0.02


class JointShape(Detector):
    """What the principal components of all measured signals of a device leave over of each (the parts of Q).

    Over its usual size. Readings count when the current holds still. Running moments with a memory of a week; silent
    for the first four days of them.

    Jackson and Mudholkar, Control Procedures for Residuals Associated with Principal Component Analysis, Technometrics
    21 (1979).
    """

    name = "joint"
    one_cause = True

    def __init__(self, subject: Subject, *, still: Stillness | None = None) -> None:
        super().__init__(subject)
        names = [name for name in subject.signals if _measured(name)]
        self.channels = tuple(names) if len(names) >= LEAST else ()
        n = len(self.channels)
        self._places = np.array([subject.signals.index(name) for name in self.channels], dtype=np.intp)
        self._still = still or Stillness(subject)
        self._next, self._now = np.full(n, np.nan), np.full(n, np.nan)
        self._mean, self._covariance = np.zeros(n), np.zeros((n, n))
        self._basis = np.zeros((n, 0))
        self._scale = np.ones(n)
        self._smooth, self._usual, self._left = np.zeros(n), np.zeros(n), np.zeros(n)
        self._seen_s, self._judged_s, self._since_s, self._idle_s = 0.0, 0.0, 0.0, 0.0

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; of the reading before this one, for now it is known that the current was still."""
        elapsed_s = self.elapsed_s(t_ms)
        self._now, self._next = self._next, value[self._places]
        known = ~np.isnan(self._now)
        # A plant in which nothing moves teaches nothing of how its signals move together.
        moved = bool((np.abs(self._next - self._now) > 0).any())
        self._idle_s = 0.0 if moved else self._idle_s + elapsed_s
        if not self._still.update(t_ms, value) or not known.any() or self._idle_s > HOUR_S:
            return np.full(len(self.channels), np.nan)
        # What is missing is taken as what it is on average: it says nothing.
        error = np.where(known, self._now - self._mean, 0.0)
        score = np.where(known, self._judge(error, elapsed_s), np.nan)
        self._learn(error, elapsed_s)
        return score

    def _judge(self, error: Float64, elapsed_s: float) -> Float64:
        if self._seen_s < LEARN_S / 2:
            return np.full(len(self.channels), np.nan)
        shape = error / self._scale
        self._left = shape - self._basis @ (self._basis.T @ shape)
        scale = np.maximum(1.25 * self._usual, LEAST_SPREAD)
        # Signals are read one after the other: for a moment some show what was before.
        left = np.clip(self._left, -MOST * scale, MOST * scale) if self._judged_s > LEARN_S / 2 else self._left
        self._smooth += (1 - math.exp(-elapsed_s / SMOOTH_S)) * (left - self._smooth)
        size = np.abs(self._smooth)
        self._judged_s += elapsed_s
        pace = elapsed_s / min(max(self._judged_s, elapsed_s), MEMORY_S)
        taught = np.minimum(size, CLIP * scale) if self._judged_s > 6 * HOUR_S else size
        self._usual += pace * (taught - self._usual)
        score: Float64 = size / scale
        return score if self._judged_s >= LEARN_S / 2 else np.full(len(score), np.nan)

    def _learn(self, error: Float64, elapsed_s: float) -> None:
        self._seen_s += elapsed_s
        self._since_s += elapsed_s
        pace = elapsed_s / min(max(self._seen_s, elapsed_s), MEMORY_S)
        self._mean += pace * error
        self._covariance += pace * ((1 - pace) * error[:, None] * error - self._covariance)
        if self._since_s >= EVERY_S:
            self._since_s = 0.0
            self._work_out()

    def _work_out(self) -> None:
        """New components of the correlations; a signal that never moved is in none of them."""
        deviation = np.sqrt(np.diagonal(self._covariance))
        self._scale = np.where(deviation > 0, deviation, 1.0)
        power, basis = np.linalg.eigh(self._covariance / self._scale / self._scale[:, None])
        share = np.cumsum(power[::-1]) / max(float(power.sum()), 1e-300)
        kept = int(np.searchsorted(share, EXPLAINED)) + 1
        self._basis = basis[:, ::-1][:, :kept].copy()

    def explain(self, channel: int) -> Finding:
        """The value against what the other signals make of it."""
        value, scale = float(self._now[channel]), float(self._scale[channel])
        expected = value - float(self._smooth[channel]) * scale
        usual = max(1.25 * float(self._usual[channel]), LEAST_SPREAD) * scale
        why = f"its habit beside the other {len(self.channels) - 1} signals"
        return against(self.channels[channel], value, expected, why=why, usual=usual, since=SINCE)


def _measured(name: str) -> bool:
    topic, _, field = name.partition(".")
    row = lookup(topic, field)
    return topic in TOPICS and row is not None and row.kind == "measure"
