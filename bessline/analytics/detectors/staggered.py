"""Costly detectors take turns: at a fast pace each tick looks at some of the signals, at each every few minutes."""

from __future__ import annotations

import itertools
from abc import abstractmethod

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import SingleSignal
from bessline.sources.base import Float64

#: A signal's turn comes about every so many seconds, so that a window of a few turns sees some minutes also at 1 Hz.
TURN_S = 150.0
MOST_TURNS = 10


class Staggered(SingleSignal):
    """Scores one slice of the signals a tick; the others keep the score of their last turn while they have values.

    `turns`: into how many slices the signals are cut; `turn_s`: seconds from one turn of a signal to its next.
    """

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self.turns = int(max(1, min(MOST_TURNS, round(TURN_S / self.period_s))))
        self.turn_s = self.turns * self.period_s
        edges = np.linspace(0, n, self.turns + 1).astype(int)
        self.parts = [slice(int(a), int(b)) for a, b in itertools.pairwise(edges) if a < b]
        self._turn, self._holes = 0, np.zeros(n, dtype=bool)
        self._held = np.full(n, np.nan)

    def _score(self, t_ms: int, value: Float64) -> Float64:
        self._holes |= self.changes.returned
        turn, self._turn = self._turn, (self._turn + 1) % self.turns
        if turn < len(self.parts):
            part = self.parts[turn]
            self._held[part] = self._score_part(part, value[part], self._holes[part])
            self._holes[part] = False
        return np.where(self.changes.present, self._held, np.nan)

    @abstractmethod
    def _score_part(self, part: slice, value: Float64, after_hole: np.ndarray) -> Float64:
        """The scores of these channels; `after_hole`: bool, there was a hole since their last turn."""
