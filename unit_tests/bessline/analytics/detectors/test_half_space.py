"""A place where the signal has hardly ever been."""

import re

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors.half_space import SPLITS, TREES, HalfSpaceTrees


def _fed(ticks: int, *, last: float) -> tuple[HalfSpaceTrees, list[float]]:
    random = np.random.default_rng(1)
    detector = HalfSpaceTrees(Subject("b", ("bms.voltage",), 300.0))
    column = [*np.where(random.random(ticks) < 0.5, 10.0, 30.0) + random.normal(0, 0.5, ticks), last]
    return detector, [float(detector.score(tick * 300_000, np.array([v]))[0]) for tick, v in enumerate(column)]


def test_the_middle_of_two_levels_is_odd_though_it_is_the_mean() -> None:
    between, usual = _fed(3000, last=20.0)[1][-1], _fed(3000, last=10.0)[1][-1]
    assert between > 20 * usual


def test_every_value_is_counted_once_in_every_tree() -> None:
    detector, _ = _fed(500, last=10.0)
    mass = detector._mass[0].sum(axis=1) / detector._gain[0]
    np.testing.assert_allclose(mass, mass[0], rtol=1e-4)
    np.testing.assert_allclose(mass[0], detector._total[0], rtol=5e-3)
    assert detector._mass.shape == (1, TREES, SPLITS**2)


def test_counting_for_ever_does_not_overflow() -> None:
    detector, _ = _fed(300, last=10.0)
    detector._gain[:] = 9.99e5
    detector._mass *= 9.99e5
    scores = [float(detector.score((301 + tick) * 300_000, np.array([10.0]))[0]) for tick in range(20)]
    assert detector._gain[0] < 1.1
    assert max(scores) < 50


def test_it_says_how_the_value_came_there_and_how_seldom_that_is() -> None:
    detector, _ = _fed(3000, last=20.0)
    found = detector.explain(0)
    assert found.value == 20.0
    assert found.expected is not None
    pattern = (
        "bms.voltage 20 V, (up|down) # V within 15 minutes; in the last days # V, usually within # V of it; "
        "such a level after such a change in # % of the time"
    )
    assert re.fullmatch(pattern.replace("#", r"[\d.]+"), found.reason), found.reason


def test_a_value_that_did_not_move_is_not_said_to_have_moved() -> None:
    detector = HalfSpaceTrees(Subject("b", ("bms.voltage",), 300.0))
    for tick in range(200):
        detector.score(tick * 300_000, np.array([10.0 + (tick // 10) % 2]))
    assert detector.explain(0).reason.startswith("bms.voltage 11 V; in the last days ")
    assert "such a level without a change in " in detector.explain(0).reason
