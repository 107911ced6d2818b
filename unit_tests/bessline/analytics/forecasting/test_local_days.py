from __future__ import annotations

import warnings

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bessline.analytics.forecasting.local_clock import Slots
from bessline.analytics.forecasting.local_days import DAYS, LocalDays, is_weekend, mean_present, median_present
from bessline.sources.base import Float64

TABLES = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.one_of(st.floats(-100, 100), st.just(np.nan)),
)
MONDAY = 4


def _days(count: int) -> LocalDays:
    """Each day's value is its number, in both of its two slots."""
    days = LocalDays(2)
    for day in range(count):
        for slot in range(2):
            days.put(float(day), day=day, of_day=slot)
    return days


@given(TABLES)
def test_medians_and_means_are_numpys_of_what_is_there(table: Float64) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        np.testing.assert_allclose(median_present(table), np.nanmedian(table, axis=0))
        np.testing.assert_allclose(mean_present(table), np.nanmean(table, axis=0), atol=1e-12)


def test_no_rows_are_no_median() -> None:
    assert np.isnan(median_present(np.empty((0, 3)))).all()


def test_each_kin_has_its_days() -> None:
    days, sunday = _days(60), MONDAY + 56 + 6
    assert days.like(60, "week")[:, 0].tolist() == sorted(range(53, 60), key=lambda day: day % DAYS)
    assert sorted(days.like(60, "weekday")[:, 0]) == [32, 39, 46, 53]
    weekend = days.like(sunday, "class")[:, 0]
    assert is_weekend(weekend.astype(np.int64)).all()
    assert len(weekend) == 7  # of the 9 in the four weeks before a Sunday two are yet to come


def test_a_day_longer_than_four_weeks_ago_tells_nothing() -> None:
    assert not len(_days(3).like(40, "week"))
    assert np.isnan(_days(3).medians(Slots(np.array([40]), np.array([1])), "class")).all()


def test_a_new_day_forgets_the_one_in_its_place() -> None:
    days = _days(DAYS)
    days.put(99.0, day=DAYS, of_day=1)
    np.testing.assert_array_equal(days.value[0], [np.nan, 99.0])


def test_a_horizon_over_midnight_asks_each_day_for_its_own_kin() -> None:
    targets = Slots(np.array([MONDAY + 27, MONDAY + 28]), np.array([1, 0]))
    days = LocalDays(2)
    for day in range(MONDAY + 27):
        days.put(float((day - MONDAY) % 7), day=day, of_day=0)
        days.put(float((day - MONDAY) % 7), day=day, of_day=1)
    assert days.means(targets, "weekday").tolist() == days.medians(targets, "weekday").tolist() == [6.0, 0.0]
