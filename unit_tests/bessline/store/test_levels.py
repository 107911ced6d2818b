"""What is drawn of buckets is real, whole, and broken where buckets are missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.store.levels import enveloped, local_values, samples, values
from bessline.store.local_buckets import local_buckets
from bessline.store.pyramid import LEVELS, Buckets, fold
from bessline.store.thinning import thinned

MINUTE, HOUR = 60_000, LEVELS["1h"]
TOLERANCE = 3 * MINUTE


def hourly(minutes: list[int], value: list[float]) -> Buckets:
    return fold(np.array(minutes, np.int64) * MINUTE, np.array(value, np.float64), level="1h")


def test_samples_stand_at_their_own_stamps() -> None:
    """Of each hour the least and the greatest, in the order in which they came; one where they are the same."""
    points, bucket = samples(hourly([0, 10, 20, 70], [5, 9, 1, 4]), level="1h", tolerance_ms=TOLERANCE)
    assert (points.t_ms // MINUTE).tolist() == [10, 20, 70]
    assert points.value.tolist() == [9, 1, 4]
    assert bucket.tolist() == [0, 0, 1]


def test_a_missing_bucket_is_a_break_unless_values_hold_that_long() -> None:
    """An hour without a row is a gap for a signal of every minute, and none for one of every three hours."""
    buckets = hourly([0, 30, 130], [1, 2, 3])
    points, _ = samples(buckets, level="1h", tolerance_ms=TOLERANCE)
    assert (points.broken().tolist(), points.nulls().tolist()) == ([2], [HOUR])
    points, _ = samples(buckets, level="1h", tolerance_ms=9 * HOUR)
    assert points.broken().tolist() == []


@given(st.lists(st.floats(-9, 9, allow_nan=False), min_size=30, max_size=200), st.integers(10, 40))
def test_the_envelope_hides_nothing(values_: list[float], most: int) -> None:
    """From each point to the next: every value that was left out lies between low and high."""
    t_ms = np.arange(len(values_)) * 7 * MINUTE
    value = np.array(values_)
    buckets = fold(t_ms, value, level="5min")
    points, bucket = samples(buckets, level="5min", tolerance_ms=HOUR)
    index = thinned(points, most)
    drawn = enveloped(points.at(index), buckets, bucket[index])
    place = np.maximum(np.searchsorted(drawn.points.t_ms, t_ms, side="right") - 1, 0)
    assert (drawn.low[place] <= value).all()
    assert (drawn.high[place] >= value).all()


@pytest.mark.parametrize(("aggregation", "expected"), [("mean", [5.0, 4.0]), ("last", [1.0, 4.0]), ("max", [9.0, 4.0])])
def test_a_bucket_becomes_a_value_as_the_catalogue_says(aggregation: str, expected: list[float]) -> None:
    buckets = hourly([0, 10, 20, 70], [5, 9, 1, 4])
    drawn = values(buckets, aggregation, level="1h", tolerance_ms=TOLERANCE, most=10)  # type: ignore[arg-type]
    assert drawn.points.t_ms.tolist() == [0, HOUR]
    assert drawn.points.value.tolist() == expected
    assert (drawn.low.tolist(), drawn.high.tolist()) == ([1, 4], [9, 4])


@given(st.sets(st.integers(0, 5000), min_size=1, max_size=300), st.integers(10, 60))
def test_too_many_buckets_are_joined_and_lose_nothing(minutes: set[int], most: int) -> None:
    """At most so many; the mean weighs every value alike; the extremes are those of all."""
    t = sorted(minutes)
    value = [float(minute % 17) for minute in t]
    drawn = values(hourly(t, value), "mean", level="1h", tolerance_ms=TOLERANCE, most=most)
    assert len(drawn.points) <= most
    assert (np.diff(drawn.points.t_ms) > 0).all()
    assert (drawn.low.min(), drawn.high.max()) == (min(value), max(value))
    if len(drawn.points) == 1:
        assert drawn.points.value[0] == pytest.approx(np.mean(value))


def test_a_hole_of_a_day_is_a_break_in_joined_buckets_too() -> None:
    minutes = [m for m in range(0, 40 * 1440, 20) if not 15 * 1440 + 700 <= m < 16 * 1440 + 700]
    drawn = values(hourly(minutes, [1.0] * len(minutes)), "mean", level="1h", tolerance_ms=HOUR, most=200)
    assert len(drawn.points.broken()) == 1
    (null,) = drawn.points.nulls()
    assert 15 * 1440 + 700 <= null / MINUTE <= 16 * 1440 + 700


def test_a_day_of_25_hours_is_no_gap_and_a_day_without_rows_is() -> None:
    """26 to 28 October 2024 in Berlin are one line; of 29 October there is nothing."""
    hours = [h for h in range(6 * 24 + 1) if not 73 <= h < 97]
    t_ms = 1_729_893_600_000 + np.array(hours, np.int64) * HOUR
    found = local_buckets(fold(t_ms, np.array(hours, np.float64), level="15min"), "Europe/Berlin", "day")
    drawn = local_values(found, "last", tolerance_ms=3 * HOUR)
    assert np.diff(drawn.points.t_ms // HOUR).tolist() == [24, 25, 48, 24]
    assert drawn.points.value.tolist() == [23, 48, 72, 120, 144]
    assert (drawn.points.broken().tolist(), drawn.points.nulls().tolist()) == ([3], [t_ms[0] + 73 * HOUR])
    assert drawn.total is not None
    assert drawn.total.sum() == sum(hours)
    assert local_values(found, "mean", tolerance_ms=50 * HOUR).points.broken().tolist() == []
