"""A value that stands still while others move."""

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors.stuck import StuckValue
from bessline.sources.base import Float64

NAMES = ("bms.cell_max_temp", "bms.cell_min_temp", "bms.cell_avg_temp", "bms.current", "bms.soh")


def _fed(values: Float64) -> tuple[StuckValue, Float64]:
    detector = StuckValue(Subject("b", NAMES, 30.0))
    return detector, np.stack([detector.score(tick * 30_000, row).copy() for tick, row in enumerate(values)])


def _moving(ticks: int) -> Float64:
    values = np.round(np.random.default_rng(1).normal(25, 1, (ticks, len(NAMES))))
    values[:, 4] = 99.0
    return values


def test_one_that_stands_still_alone_is_odd() -> None:
    values = _moving(6000)
    values[4000:, 0] = 25.0
    detector, scores = _fed(values)
    assert scores[-1, 0] > 10
    assert np.nanmax(scores[:, 1:4]) == 0.0
    assert "unchanged for 17 hours; before, it stood still for at most" in detector.explain(0).reason


def test_a_plant_that_stands_still_as_a_whole_is_idle() -> None:
    values = _moving(9000)
    values[3000:] = values[3000]
    assert np.nanmax(_fed(values)[1]) < 0.1


def test_a_constant_is_never_stuck() -> None:
    assert np.isnan(_fed(_moving(3000))[1][:, 4]).all()
