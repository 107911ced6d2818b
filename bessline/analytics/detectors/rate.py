"""A change larger than the usual change."""

from __future__ import annotations

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S, EVIDENCE, SingleSignal
from bessline.analytics.sentences import against, describe, quantity
from bessline.sources.base import Float64


class RateOfChange(SingleSignal):
    """The last change over the mean size of changes of the last two days. Across a hole nothing is said."""

    name = "rate"
    counts_usual = True

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self._usual, self._seen = np.zeros(n), np.zeros(n)
        self._grown = False
        self._memory_s = max(2 * DAY_S, 200 * self.period_s)

    def _score(self, t_ms: int, value: Float64) -> Float64:
        elapsed_s, size = self.elapsed_s(t_ms), self.changes.size
        share = min(1.0, elapsed_s / self._memory_s)
        scale = np.maximum(self._usual, self.changes.floor)
        if self._grown and self.changes.complete:
            self._usual += share * (np.minimum(size, 64 * scale) - self._usual)
            ratio: Float64 = size / scale
            return ratio
        known = np.isfinite(size) & self.changes.alive
        self._seen += known
        pace = np.maximum(1.0 / np.maximum(self._seen, 1.0), share)
        np.add(self._usual, pace * (np.minimum(size, 64 * scale) - self._usual), out=self._usual, where=known)
        self._grown = bool(self._seen.min(initial=np.inf) > max(EVIDENCE, 1 / share))
        return np.where(self._seen > EVIDENCE, size / scale, np.nan)

    def explain(self, channel: int) -> Finding:
        """The value against the one before it."""
        value = float(self.changes.previous[channel])
        before = value - float(self.changes.delta[channel])
        usual = float(self._usual[channel])
        return against(self.channels[channel], value, before, why="the reading before it", usual=usual)

    def on_average(self, channel: int, times: float, *, over: str) -> Finding:
        """Where many changes are odd and not this one, only they are told of."""
        name, usual = self.channels[channel], max(float(self._usual[channel]), float(self.changes.floor[channel]))
        if not abs(float(self.changes.delta[channel])) < times * usual:
            return super().on_average(channel, times, over=over)
        value = float(self.changes.previous[channel])
        small = quantity(name, float(f"{usual:.2g}"))
        moved = f"from reading to reading it moved {times:.1f} times the usual {small} on average of {over}"
        return Finding(value, None, f"{describe(name, value)}: {moved}")
