"""Whether the current holds still."""

from __future__ import annotations

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors.stillness import Stillness

SUBJECT = Subject("b", ("bms.current", "bms.soc"), 60.0)


def judged(amps: list[float], *, subject: Subject = SUBJECT, step_ms: int = 60_000) -> list[bool]:
    still = Stillness(subject)
    return [still.update(step_ms * tick, np.array([each, 50.0])) for tick, each in enumerate(amps)]


def test_a_steady_current_is_still_after_three_minutes() -> None:
    assert judged([60.0] * 7) == [False] * 4 + [True] * 3


def test_a_jump_spoils_the_reading_before_it_and_three_minutes_after() -> None:
    """A cell may have been read after the jump when the current was read before it."""
    assert judged([60.0] * 6 + [20.0] * 7)[5:] == [True, False, False, False, False, True, True, True]


def test_ripple_is_still() -> None:
    assert judged([60.0, 61.0, 59.0, 60.5, 60.0, 62.0])[-1]


def test_after_a_hole_it_waits_again() -> None:
    still = Stillness(SUBJECT)
    times = [60_000 * tick for tick in (0, 1, 2, 3, 4, 100, 101, 102, 103, 104)]
    answers = [still.update(at, np.array([60.0, 1.0])) for at in times]
    assert answers == [False] * 4 + [True] + [False] * 4 + [True]


def test_a_current_that_is_away_is_not_still() -> None:
    assert judged([60.0] * 5 + [np.nan])[-1] is False


def test_without_a_current_every_reading_counts() -> None:
    assert judged([1.0, 9.0], subject=Subject("b", ("env.temperature", "bms.soc"), 60.0)) == [True, True]


def test_it_is_asked_once_an_instant() -> None:
    still = Stillness(SUBJECT)
    for tick in range(6):
        answers = {still.update(60_000 * tick, np.array([60.0, 1.0])) for _ in range(3)}
        assert len(answers) == 1
