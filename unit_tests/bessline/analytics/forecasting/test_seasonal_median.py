from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from bessline.analytics.forecasting.seasonal_median import SeasonalMedian
from unit_tests.bessline.analytics.forecasting.steps import Walk


def test_a_spike_of_one_day_is_no_habit() -> None:
    walk = Walk()
    walk.feed([*range(24)] * 3 + [900.0] * 24 + [*range(24)] * 3)
    median = SeasonalMedian(walk.memory).forecast(walk.targets)
    assert median[0].tolist() == [*range(24)]


def test_people_rise_by_the_clock_on_the_wall() -> None:
    """A load at eight local time is expected at eight also on the morning after the clocks changed."""
    first = int(datetime(2024, 3, 10, tzinfo=UTC).timestamp()) // 3600
    change = int(datetime(2024, 3, 30, 23, tzinfo=UTC).timestamp()) // 3600
    walk = Walk(first=first, timezone="Europe/Berlin")
    slots = [int(walk.clock.slots(step, 1).of_day[0]) for step in range(first, change)]
    walk.feed(100.0 if slot == 8 else 10.0 for slot in slots)
    for row in SeasonalMedian(walk.memory).forecast(walk.targets)[[0, 2]]:
        assert walk.targets.of_day[np.flatnonzero(row == 100.0)].tolist() == [8]
        assert np.flatnonzero(row == 100.0).tolist() == [7]  # an hour earlier by the sun
