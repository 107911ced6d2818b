from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics.forecasting.base import Memory
from bessline.analytics.forecasting.local_clock import LocalClock
from unit_tests.bessline.analytics.forecasting.steps import Walk


@pytest.mark.parametrize(("step_s", "horizon"), [(900, 96), (1800, 48), (3600, 24)])
def test_a_horizon_is_a_day_of_steps(step_s: int, horizon: int) -> None:
    memory = Memory(step_s)
    assert memory.horizon == memory.per_day == horizon


def test_a_missing_step_takes_its_place_in_the_row_but_not_in_the_day() -> None:
    walk = Walk()
    walk.feed([1.0, np.nan, 3.0])
    np.testing.assert_array_equal(walk.memory.past.newest(3), [1.0, np.nan, 3.0])
    day = LocalClock(None, 3600).slots(24, 3)
    np.testing.assert_array_equal(walk.memory.days.means(day, "week"), [1.0, np.nan, 3.0])
