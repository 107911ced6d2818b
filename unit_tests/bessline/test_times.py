"""Times as clients write them: exact, and each refusal says how to write it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.errors import BadParameter
from bessline.live.ids import FIRST_MS, LAST_MS
from bessline.times import parse_date, parse_time, rfc3339

MAY_1 = 1_714_521_600_000
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "t_ms"),
    [
        ("2024-05-01T00:00:00Z", MAY_1),
        ("2024-05-01t00:00z", MAY_1),
        ("2024-05-01", MAY_1),
        ("2024-05-01T02:00:00+02:00", MAY_1),
        ("2024-04-30T18:30:00-0530", MAY_1),
        ("2024-05-01T00:00:00.25Z", MAY_1 + 250),
        ("2024-05-01T00:00:00.000001Z", MAY_1 + 1),
        ("0001-01-01T00:00:00+23:59", -62_135_596_800_000 - 23 * HOUR - 59 * 60_000),
        ("9999-12-31T23:59:59-23:59", 253_402_300_799_000 + 23 * HOUR + 59 * 60_000),
    ],
)
def test_a_time_is_an_instant(text: str, t_ms: int) -> None:
    """Offsets, dates and fractions; a finer fraction is rounded up, so that [start, end) stays exact."""
    assert parse_time("start", text) == t_ms


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-1439, 1439))
def test_any_time_reads_back(local: datetime, offset_min: int) -> None:
    """What isoformat writes is what we read."""
    local = local.replace(microsecond=local.microsecond // 1000 * 1000)
    sign, minutes = "-" if offset_min < 0 else "+", abs(offset_min)
    text = f"{local.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"
    instant = local.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(minutes=offset_min)
    assert parse_time("start", text) == instant // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "moral"),
    [
        ("2024-05-01T00:00:00", "has no zone; write RFC 3339"),
        ("2024-05-01T00:00:00 02:00", "write it as %2B"),
        ("yesterday", "is not a time; write RFC 3339"),
        ("1714521600", "is not a time"),
        ("", "is not a time"),
        ("2024-13-01", "not a time that exists"),
        ("2024-02-30T00:00:00Z", "not a time that exists"),
        ("0000-01-01", "not a time that exists"),
        ("2024-05-01T25:00:00Z", "not a time that exists"),
        ("2024-05-01T00:00:00+24:00", "which does not exist"),
        ("12024-05-01", "is not a time"),
        ("٢٠٢٤-05-01", "is not a time"),
        ("2" * 100_000, "is not a time"),
    ],
)
def test_what_is_no_time_is_refused_with_the_way_to_write_it(text: str, moral: str) -> None:
    with pytest.raises(BadParameter, match="start") as refused:
        parse_time("start", text)
    assert moral in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("text", "zone", "hours"),
    [
        ("2024-03-31", "Europe/Berlin", 23),
        ("2024-10-27", "Europe/Berlin", 25),
        ("2024-04-07", "Australia/Lord_Howe", 24.5),
        ("2024-09-08", "America/Santiago", 23),
        ("2024-05-01", None, 24),
        ("2024-02", "Asia/Kolkata", 29 * 24),
        ("2024-12", "Asia/Shanghai", 31 * 24),
        ("9998-12", None, 31 * 24),
        ("0001-01-01", "Asia/Shanghai", 24),
    ],
)
def test_a_local_day_has_as_many_hours_as_it_has(text: str, zone: str | None, hours: float) -> None:
    """DST days are shorter or longer, even where midnight itself is skipped."""
    start, end = parse_date(text, zone)
    assert (end - start) / HOUR == hours


def test_a_local_day_begins_at_local_midnight() -> None:
    assert parse_date("2024-05-01", "Asia/Shanghai")[0] == MAY_1 - 8 * HOUR


@pytest.mark.parametrize("text", ["2024", "2024-5-1", "2024-02-30", "2024-13", "9999-12-31", "0000-01", "x", "1" * 99])
def test_what_is_no_date_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(BadParameter, match="2024-05-01 or a month as 2024-05"):
        parse_date(text, None)


def test_a_zone_that_this_machine_lacks_is_named() -> None:
    with pytest.raises(BadParameter, match="Mars/Base"):
        parse_date("2024-05-01", "Mars/Base")


def test_stamps_are_written_in_utc_with_milliseconds() -> None:
    assert rfc3339(MAY_1 + 7) == "2024-05-01T00:00:00.007Z"


@given(st.integers(FIRST_MS, LAST_MS))
def test_times_are_exact_to_the_millisecond(t_ms: int) -> None:
    """No time is rounded, in any year."""
    text = rfc3339(t_ms)
    assert len(text) == len("2024-05-01T00:00:00.000Z")
    assert round((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000) == t_ms
