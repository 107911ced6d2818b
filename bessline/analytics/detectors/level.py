"""A value far from what the last hour lets expect, over the usual distance."""

from __future__ import annotations

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S, HOUR_S, Level, SingleSignal
from bessline.analytics.sentences import against, the_last
from bessline.sources.base import Float64


class RecentLevel(SingleSignal):
    """Robust level of the last hour (at least twelve readings), robust spread of the last two days."""

    name = "level"
    counts_usual = True

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        self._memory_s = max(HOUR_S, 12 * self.period_s)
        self._level = Level(len(self.channels), mean_s=self._memory_s, spread_s=max(2 * DAY_S, 200 * self.period_s))

    def _score(self, t_ms: int, value: Float64) -> Float64:
        return self._level.update(value, elapsed_s=self.elapsed_s(t_ms), changes=self.changes)

    def explain(self, channel: int) -> Finding:
        """The value against the level before it."""
        value = float(self.changes.previous[channel])
        expected = value - float(self._level.error[channel])
        usual = max(float(self._level.spread[channel]), float(self.changes.floor[channel]))
        return against(self.channels[channel], value, expected, why=the_last(self._memory_s), usual=usual)
