from __future__ import annotations

import numpy as np

from bessline.analytics.forecasting.seasonal_naive import FLOOR, SeasonalNaive
from unit_tests.bessline.analytics.forecasting.steps import Walk


def _slow(values: list[float], lead: int, back: int, *, most: int) -> float:
    """The newest present value a whole number of `back` hours before the lead, at most `most` times."""
    for times in range(1, most + 1):
        at = len(values) + lead - times * back
        if at >= 0 and not np.isnan(values[at]):
            return values[at]
    return np.nan


def test_it_is_the_newest_value_whole_days_or_weeks_back() -> None:
    noise = np.random.default_rng(3)
    values = np.where(noise.random(24 * 31) < 0.4, np.nan, noise.normal(size=24 * 31)).tolist()
    walk = Walk()
    naive = SeasonalNaive(walk.memory)
    walk.feed(values, naive)
    found = naive.forecast(walk.targets)
    np.testing.assert_array_equal(found[0], [_slow(values, lead, 24, most=7) for lead in range(24)])
    np.testing.assert_array_equal(found[1], [_slow(values, lead, 168, most=4) for lead in range(24)])
    assert naive.names[0] == FLOOR


def test_what_was_never_there_is_not_invented() -> None:
    walk = Walk()
    walk.feed(range(12))
    found = SeasonalNaive(walk.memory).forecast(walk.targets)
    assert np.isfinite(found[0]).tolist() == [False] * 12 + [True] * 12
