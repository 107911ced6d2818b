"""A value that has not changed for longer than it ever does, while others move."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S
from bessline.analytics.detectors.staggered import Staggered
from bessline.analytics.sentences import describe, span
from bessline.sources.base import Float64

#: So many stretches without change must have been seen before one of them can be long.
RUNS = 24


class StuckValue(Staggered):
    """How long a signal has stood still over the longest it stood still in the last month, weighed by how many of the
    others do not: an idle plant stands still as a whole, and a signal that never moves has nothing to be stuck at.
    """

    name = "stuck"
    phase = 5
    forget_s = 30 * DAY_S

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self._since, self._longest, self._run = np.zeros(n), np.zeros(n), np.zeros(n)
        self._least_ms = 12_000 * self.period_s

    def _score_turn(self, t_ms: int, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        changes, able = self.changes, self.changes.count > RUNS
        changed = changes.changed_ms > self._turn_ms
        self._longest *= 1 - min(1.0, (t_ms - self._turn_ms) / 1000 / self.forget_s)
        # A hole ends a run untold: what the signal did meanwhile is not known.
        np.copyto(self._longest, np.maximum(self._longest, self._run), where=changed & ~after_hole)
        np.copyto(self._since, changes.changed_ms, where=changed, casting="unsafe")
        np.copyto(self._since, t_ms, where=after_hole)
        np.subtract(t_ms, self._since, out=self._run)
        ratio = self._run / np.maximum(self._longest, self._least_ms)
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
