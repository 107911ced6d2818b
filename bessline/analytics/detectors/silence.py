"""A signal that has fallen silent while the others go on."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.sentences import place, span
from bessline.sources.base import Float64

DAY_S = 86_400.0
#: So long without a value is odd even where a signal was never away before, in seconds.
LEAST_S = 2400.0
#: While fewer than this share of the signals speak it is the device that is silent, not a signal.
OTHERS = 0.8
#: A signal must have been there for so long before its absence means anything.
KNOWN_S = DAY_S


class Silence(Detector):
    """How long a signal is away, over three times the longest it was away in the last month (at least `LEAST_S`).

    Only the time counts in which most others speak: a device that is silent as a whole is a gap, not an anomaly.
    """

    name = "silence"
    own_limit: ClassVar[str | None] = "three times its longest silence"
    forget_s = 30 * DAY_S

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        n = len(self.channels)
        self._away_s, self._longest_s, self._there_s = np.zeros(n), np.zeros(n), np.zeros(n)
        self._usual = np.full(n, LEAST_S)

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; 1 at the limit, 0 for a signal that speaks."""
        elapsed_s = self.elapsed_s(t_ms)
        there = ~np.isnan(value)
        self._there_s += there * elapsed_s
        known = self._there_s >= KNOWN_S
        speaking = int((there & known).sum()) >= OTHERS * max(1, int(known.sum()))
        back = there & (self._away_s > 0)
        self._longest_s *= 1 - min(1.0, elapsed_s / self.forget_s)
        self._longest_s = np.where(back, np.maximum(self._longest_s, self._away_s), self._longest_s)
        self._away_s = np.where(there, 0.0, self._away_s + elapsed_s * speaking)
        self._usual = np.maximum(LEAST_S, 3 * self._longest_s)
        return np.where(known & speaking, self._away_s / self._usual, np.nan)

    def explain(self, channel: int) -> Finding:
        """How long it is away."""
        away = span(float(self._away_s[channel]))
        longest = float(self._longest_s[channel])
        before = f"never for more than {span(longest)} before" if longest > 0 else "it never was before"
        name = place(self.channels[channel])
        return Finding(None, None, f"{name}: no value for {away} while the others go on; {before}")
