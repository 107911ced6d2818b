"""Costly detectors look every few minutes: at a fast pace each has its own tick, so that no tick does everything."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import SingleSignal
from bessline.sources.base import Float64

#: A turn comes about every so many seconds, so that a window of a few turns sees some minutes also at 1 Hz.
TURN_S = 300.0
MOST_TURNS = 10


def turns_at(period_s: float) -> int:
    """How many ticks of `period_s` there are from one turn to the next.

    >>> turns_at(1.0), turns_at(30.0), turns_at(300.0)
    (10, 10, 1)
    """
    return int(max(1, min(MOST_TURNS, round(TURN_S / period_s))))


class Staggered(SingleSignal):
    """Scores at its turns; in between, what has a value keeps the score of the last one.

    `turns`: ticks from one turn to the next, and `turn_s` the same in seconds.
    """

    #: Its tick among the `turns`.
    phase: ClassVar[int]

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self.turns = turns_at(self.period_s)
        self.turn_s = self.turns * self.period_s
        self._tick, self._turn_ms = 0, -(2**62)
        self._held = np.full(n, np.nan)

    def _score(self, t_ms: int, value: Float64) -> Float64:
        if self._tick == (self.phase - 1) % self.turns:
            self._prepare()
        if self._tick == self.phase % self.turns:
            self._held = self._score_turn(t_ms, value, self.changes.returned_ms > self._turn_ms)
            self._turn_ms = t_ms
        self._tick = (self._tick + 1) % self.turns
        return self._held if self.changes.complete else np.where(self.changes.present, self._held, np.nan)

    @abstractmethod
    def _score_turn(self, t_ms: int, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        """The scores; `after_hole`: bool, there was a hole since the last turn (at `_turn_ms`)."""

    def _prepare(self) -> None:
        """What can be done a tick before the turn."""
