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


def test_one_jump_is_told_as_such_and_many_changes_as_what_they_are_together() -> None:
    detector, _ = _fed([20.0 + tick % 2 for tick in range(1000)] + [41.0])
    jump = detector.on_average(0, 3.0, over="the last 3 hours").reason
    assert jump.startswith(
        "bms.cell_avg_temp 41 °C, 20 °C over the 21 °C that the reading before it lets expect, 20 times"
    )
    assert jump.endswith("; on average of the last 3 hours 3.0 times")
    many = _fed([20.0 + tick % 2 for tick in range(1001)])[0].on_average(0, 3.0, over="the last 3 hours").reason
    words = "from reading to reading it moved 3.0 times the usual 1 °C on average of the last 3 hours"
    assert many == f"bms.cell_avg_temp 20 °C: {words}"
