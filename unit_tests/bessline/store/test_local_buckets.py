"""Local hours and days: as long as the clocks of the place say, and no row lost or counted twice."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.errors import BadParameter
from bessline.store.local_buckets import QUARTER, LocalBuckets, LocalUnit, local_buckets, local_day_ms
from bessline.store.pyramid import NO_BUCKETS, Buckets, fold

MINUTE, HOUR = 60_000, 3_600_000
ZONES = [
    "Europe/Berlin", "Asia/Kolkata", "Australia/Adelaide", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
    "America/St_Johns", "Africa/Cairo", "Atlantic/Azores", "America/Havana", "Asia/Shanghai", "UTC", "Pacific/Apia",
]  # fmt: skip


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _quarters(first_ms: int, last_ms: int, *, every_ms: int = MINUTE) -> Buckets:
    t_ms = np.arange(first_ms, last_ms, every_ms)
    return fold(t_ms, np.ones(len(t_ms)), level=QUARTER)


def _hours_long(found: LocalBuckets) -> list[float]:
    lengths: list[float] = ((found.end_ms - found.buckets.t_ms) / HOUR).tolist()
    return lengths


@pytest.mark.parametrize(("day", "hours"), [("2024-03-31", 23), ("2024-10-27", 25), ("2024-06-01", 24)])
def test_days_of_berlin_have_23_and_25_hours(day: str, hours: int) -> None:
    """A row a minute: the day holds as many as its hours say, and starts at local midnight."""
    start = local_day_ms("Europe/Berlin", date.fromisoformat(day))
    found = local_buckets(_quarters(start - 24 * HOUR, start + 49 * HOUR), "Europe/Berlin", "day")
    index = found.buckets.t_ms.tolist().index(start)
    assert found.buckets.n[index] == hours * 60
    assert _hours_long(found)[index] == hours
    assert datetime.fromtimestamp(start / 1000, ZoneInfo("Europe/Berlin")).isoformat()[:16] == f"{day}T00:00"


@pytest.mark.parametrize(("zone", "minute"), [("Asia/Kolkata", 30), ("Asia/Kathmandu", 15), ("Europe/Berlin", 0)])
def test_hours_of_a_half_hour_zone_begin_at_the_half_hour(zone: str, minute: int) -> None:
    """Each local hour has sixty rows of a minute each."""
    found = local_buckets(_quarters(_ms("2024-05-01T00:00Z"), _ms("2024-05-03T00:00Z")), zone, "hour")
    assert set(found.buckets.n[1:-1].tolist()) == {60}
    assert {stamp // MINUTE % 60 for stamp in found.buckets.t_ms[1:].tolist()} == {minute}


def test_an_hour_that_comes_twice_is_two_hours() -> None:
    """Two buckets of 60 rows between 02:00 and 03:00 of the day in October."""
    found = local_buckets(_quarters(_ms("2024-10-26T22:00Z"), _ms("2024-10-27T23:00Z")), "Europe/Berlin", "hour")
    names = [datetime.fromtimestamp(t / 1000, ZoneInfo("Europe/Berlin")).hour for t in found.buckets.t_ms.tolist()]
    assert (len(names), names.count(2), set(found.buckets.n.tolist())) == (25, 2, {60})


@settings(max_examples=60)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(["hour", "day"]),
    st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)),
    st.integers(1, 500),
    st.integers(0, 2**32),
)
def test_local_sums_equal_the_sums_over_utc(zone: str, unit: LocalUnit, start: datetime, days: int, seed: int) -> None:
    """Any zone, any span, rows at random: nothing is lost, nothing counted twice, and each row is in its own day."""
    rng = np.random.default_rng(seed)
    first = round(start.replace(tzinfo=UTC).timestamp()) * 1000
    t_ms = first + np.unique(rng.integers(0, days * 24 * HOUR, 300))
    value = rng.integers(-50, 50, len(t_ms)) / 4
    try:
        found = local_buckets(fold(t_ms, value, level=QUARTER), zone, unit)
    except BadParameter:
        assert zone == "America/St_Johns"  # until 2011 its clocks changed at a minute past midnight
        return
    assert (found.buckets.sum.sum(), found.buckets.n.sum()) == (value.sum(), len(value))
    index = np.searchsorted(found.buckets.t_ms, t_ms, side="right") - 1
    assert (t_ms < found.end_ms[index]).all()
    assert np.bincount(index, minlength=len(found)).tolist() == found.buckets.n.tolist()
    if unit == "day":
        dates = [datetime.fromtimestamp(t / 1000, ZoneInfo(zone)).date() for t in t_ms.tolist()]
        begun = [datetime.fromtimestamp(t / 1000, ZoneInfo(zone)).date() for t in found.buckets.t_ms[index].tolist()]
        assert dates == begun


def test_a_day_whose_midnight_does_not_exist_begins_after_it() -> None:
    """In Cairo the clocks go from 00:00 to 01:00."""
    start = local_day_ms("Africa/Cairo", date(2024, 4, 26))
    assert datetime.fromtimestamp(start / 1000, ZoneInfo("Africa/Cairo")).isoformat()[:16] == "2024-04-26T01:00"
    assert local_day_ms("Africa/Cairo", date(2024, 4, 27)) - start == 23 * HOUR


def test_a_zone_between_the_quarters_is_refused() -> None:
    """Liberia was 44 minutes and 30 seconds behind until 1972: no local day of it would be right."""
    with pytest.raises(BadParameter, match="Africa/Monrovia was not whole quarters"):
        local_buckets(_quarters(0, 24 * HOUR), "Africa/Monrovia", "day")


def test_no_quarters_no_days() -> None:
    """Nothing in, nothing out."""
    assert len(local_buckets(NO_BUCKETS, "Europe/Berlin", "day")) == 0
