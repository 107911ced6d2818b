"""Local days lie beside each other without a hole, and have 23, 24 or 25 hours."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.quality.days import local_days

HOUR = 3_600_000


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "start", "hours"),
    [
        ("Europe/Berlin", "2024-03-30T23:00", 23),
        ("Europe/Berlin", "2024-10-26T22:00", 25),
        ("Asia/Kolkata", "2024-05-01T18:30", 24),
        ("Australia/Lord_Howe", "2024-04-06T13:00", 24.5),
        ("America/Santiago", "2024-09-08T04:00", 23),
        (None, "2024-05-01T00:00", 24),
    ],
)
def test_a_day_is_as_long_as_it_is(zone: str | None, start: str, hours: float) -> None:
    first = next(iter(local_days(ms(start), ms(start) + 30 * HOUR, zone)))
    assert (first.end_ms - first.start_ms) / HOUR == hours


@given(
    st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", None]),
    st.integers(ms("2011-01-01"), ms("2025-01-01")),
    st.integers(1, 500 * HOUR),
)
def test_days_fill_the_range(zone: str | None, start: int, span: int) -> None:
    days = list(local_days(start, start + span, zone))
    assert (days[0].start_ms, days[-1].end_ms) == (start, start + span)
    assert all(one.end_ms == other.start_ms for one, other in itertools.pairwise(days))
    assert all(one.date < other.date for one, other in itertools.pairwise(days))
    assert all(day.start_ms < day.end_ms for day in days)


def test_a_day_that_a_place_left_out_is_none() -> None:
    """Samoa went from the 29th to the 31st of December 2011; what is cut to the range keeps its date."""
    days = list(local_days(ms("2011-12-30T08:00"), ms("2011-12-31T12:00"), "Pacific/Apia"))
    assert [(day.date.isoformat(), (day.end_ms - day.start_ms) / HOUR) for day in days] == [
        ("2011-12-29", 2.0),
        ("2011-12-31", 24.0),
        ("2012-01-01", 2.0),
    ]


def test_an_empty_range_has_no_day() -> None:
    assert list(local_days(5, 5, "Europe/Berlin")) == []
