"""A change larger than usual."""

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors.rate import RateOfChange


def _fed(column: list[float]) -> tuple[RateOfChange, list[float]]:
    detector = RateOfChange(Subject("b", ("bms.cell_avg_temp",), 30.0))
    return detector, [float(detector.score(tick * 30_000, np.array([v]))[0]) for tick, v in enumerate(column)]


def test_a_jump_counts_in_usual_changes() -> None:
    detector, scores = _fed([20.0 + tick % 2 for tick in range(1000)] + [41.0])
    assert scores[999] == 1.0
    assert scores[1000] == 20.0
    assert detector.explain(0).expected == 21.0


def test_a_constant_has_no_changes_to_be_odd() -> None:
    assert np.isnan(_fed([20.0] * 1000)[1]).all()


def test_the_first_value_after_a_hole_is_compared_with_nothing() -> None:
    assert np.isnan(_fed([20.0 + tick % 2 for tick in range(1000)] + [np.nan] * 10 + [90.0])[1][-1])
