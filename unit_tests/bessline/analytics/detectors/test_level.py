"""A value far from the last hour."""

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors.level import RecentLevel


def _calm(detector: RecentLevel, ticks: int) -> None:
    random = np.random.default_rng(1)
    for tick in range(ticks):
        detector.score(tick * 30_000, np.round(random.normal(843, 0.5, 1), 1))


def test_it_says_how_far_and_from_what() -> None:
    detector = RecentLevel(Subject("b", ("bms.voltage",), 30.0))
    _calm(detector, 5000)
    score = detector.score(5000 * 30_000, np.array([812.3]))
    assert 50 < score[0] < 100
    found = detector.explain(0)
    assert found.value == 812.3
    assert found.expected is not None
    assert abs(found.expected - 843) < 0.5
    assert found.reason.startswith("bms.voltage 812.3 V, 30.")
    assert " V that the last hour lets expect, 7" in found.reason


def test_a_coarse_resolution_is_no_oddness() -> None:
    detector = RecentLevel(Subject("b", ("bms.soc",), 30.0))
    scores = [float(detector.score(tick * 30_000, np.array([float(tick // 500)]))[0]) for tick in range(5000)]
    assert np.nanmax(scores) <= 2.1
