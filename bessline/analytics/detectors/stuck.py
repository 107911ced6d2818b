"""A value that has not changed for longer than it ever does, while others move."""

from __future__ import annotations

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S, SingleSignal
from bessline.analytics.sentences import describe, span
from bessline.sources.base import Float64

#: So many stretches without change must have been seen before one of them can be long.
RUNS = 24


class StuckValue(SingleSignal):
    """How long a signal has stood still over the longest it stood still in the last month, weighed by how many of the
    others do not: an idle plant stands still as a whole, and a signal that never moves has nothing to be stuck at.
    """

    name = "stuck"
    forget_s = 30 * DAY_S

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self._since, self._longest, self._run = np.zeros(n), np.zeros(n), np.zeros(n)
        self._least_ms = 12_000 * self.period_s

    def _score(self, t_ms: int, value: Float64) -> Float64:
        changes, elapsed_s = self.changes, self.elapsed_s(t_ms)
        ended = np.maximum(self._longest * (1 - elapsed_s / self.forget_s), self._run)
        np.copyto(self._longest, ended, where=changes.changed)
        # A hole ends a run untold: what the signal did meanwhile is not known.
        np.copyto(self._since, t_ms, where=changes.changed | changes.returned)
        np.subtract(t_ms, self._since, out=self._run)
        ratio = self._run / np.maximum(self._longest, self._least_ms)
        able = changes.count > RUNS
        moving = able & (ratio <= 1)
        share = (moving.sum() - moving) / max(1, int(able.sum()) - 1)
        odd = np.maximum(ratio - 1, 0) * share * share
        return np.where(able & changes.present, odd, np.nan)

    def explain(self, channel: int) -> Finding:
        """How long it stands still, and how long it did before."""
        value, run_s, longest_s = (
            float(self.changes.previous[channel]),
            float(self._run[channel]) / 1000,
            max(float(self._longest[channel]), self._least_ms) / 1000,
        )
        name = self.channels[channel]
        before = f"before, it stood still for at most {span(longest_s)}"
        reason = f"{describe(name, value)}, unchanged for {span(run_s)}; {before}"
        return Finding(value, None, reason)
