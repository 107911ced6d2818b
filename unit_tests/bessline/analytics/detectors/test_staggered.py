"""Detectors whose signals take turns."""

import numpy as np
import numpy.typing as npt
import pytest

from bessline.analytics import Subject
from bessline.analytics.detectors import Finding
from bessline.analytics.detectors.staggered import Staggered
from bessline.sources.base import Float64


class Turns(Staggered):
    """Scores how many turns a signal has had."""

    name = "turns"
    phase = 3

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self.had = np.zeros(len(subject.signals))
        self.holes: list[bool] = []

    def _score_turn(self, t_ms: int, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        self.had += 1
        self.holes.append(bool(after_hole.any()))
        return self.had.copy()

    def explain(self, channel: int) -> Finding:
        return Finding(None, None, "")


def _names(n: int) -> tuple[str, ...]:
    return tuple(f"unclassified.s{k}" for k in range(n))


@pytest.mark.parametrize(("period_s", "turns"), [(1.0, 10), (30.0, 10), (60.0, 5), (300.0, 1), (3600.0, 1)])
def test_a_fast_pace_is_divided(period_s: float, turns: int) -> None:
    assert Turns(Subject("b", _names(20), period_s)).turns == turns


def test_a_score_is_kept_from_one_turn_to_the_next() -> None:
    turns = Turns(Subject("b", _names(2), 60.0))
    scores = [float(turns.score(tick * 60_000, np.ones(2))[0]) for tick in range(12)]
    np.testing.assert_equal(scores, [np.nan] * 3 + [1.0] * 5 + [2.0] * 4)


def test_who_has_no_value_has_no_score() -> None:
    turns = Turns(Subject("b", _names(2), 300.0))
    turns.score(0, np.array([1.0, 1.0]))
    np.testing.assert_equal(turns.score(300_000, np.array([1.0, np.nan])), [2.0, np.nan])


def test_a_hole_is_told_at_the_next_turn() -> None:
    turns = Turns(Subject("b", _names(1), 300.0))
    for t_s in (0, 300, 600, 6000, 6300):
        turns.score(t_s * 1000, np.array([1.0]))
    assert turns.holes == [True, False, False, True, False]
