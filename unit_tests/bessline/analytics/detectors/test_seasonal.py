"""A value far from what it is at this time of day."""

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors.seasonal import SeasonalResidual

DAY = 288


def _load(days: int) -> list[float]:
    random, tick = np.random.default_rng(1), np.arange(days * DAY)
    noisy = 100 + 50 * np.sin(tick / DAY * 2 * np.pi) + random.normal(0, 1, len(tick))
    return [float(value) for value in np.round(noisy, 1)]


def _fed(column: list[float]) -> tuple[SeasonalResidual, list[float]]:
    detector = SeasonalResidual(Subject("m", ("meter.active_power",), 300.0))
    return detector, [float(detector.score(tick * 300_000, np.array([v]))[0]) for tick, v in enumerate(column)]


def test_it_learns_the_day_and_is_silent_before() -> None:
    scores = _fed(_load(12))[1]
    assert np.isnan(scores[: 2 * DAY]).all()
    assert np.nanmedian(scores[-DAY:]) < 2


def test_a_noon_value_at_midnight_is_odd() -> None:
    column = _load(12)
    column[-DAY // 4 * 3] -= 80
    detector, scores = _fed(column[: -DAY // 4 * 3 + 1])
    assert scores[-1] > 15
    found = detector.explain(0)
    assert found.expected is not None
    assert abs(found.expected - 150) < 8
    assert "that this time of day lets expect" in found.reason


def test_a_level_shift_is_over_within_two_days() -> None:
    column = _load(16)
    shifted = [value + (60 if tick >= 12 * DAY else 0) for tick, value in enumerate(column)]
    scores = _fed(shifted)[1]
    assert max(scores[12 * DAY : 12 * DAY + 12]) > 10
    assert np.median(scores[14 * DAY :]) < 2
