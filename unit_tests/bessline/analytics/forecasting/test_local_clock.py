from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bessline.analytics.forecasting.local_clock import LocalClock


def _step(stamp: str, step_s: int) -> int:
    return int(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()) // step_s


def test_the_short_day_leaves_an_hour_out() -> None:
    slots = LocalClock("Europe/Berlin", 3600).slots(_step("2024-03-30T23:00", 3600), 24)
    assert slots.of_day.tolist() == [0, 1, *range(3, 24), 0]


def test_the_long_day_has_an_hour_twice() -> None:
    slots = LocalClock("Europe/Berlin", 3600).slots(_step("2024-10-26T22:00", 3600), 25)
    assert slots.of_day.tolist() == [0, 1, 2, 2, *range(3, 24)]
    assert len(set(slots.day.tolist())) == 1


@pytest.mark.parametrize(("timezone", "slot"), [("Asia/Kolkata", 22), ("Asia/Kathmandu", 23), (None, 0)])
def test_zones_off_the_hour_have_their_own_quarters(timezone: str | None, slot: int) -> None:
    assert LocalClock(timezone, 900).slots(_step("2024-05-01T00:00", 900), 1).of_day.tolist() == [slot]


def test_weekdays_are_those_of_the_plant() -> None:
    """Sunday evening in London is Monday morning in Auckland."""
    sunday = _step("2024-06-02T20:00", 3600)
    assert LocalClock("Europe/London", 3600).slots(sunday, 1).weekday.tolist() == [6]
    assert LocalClock("Pacific/Auckland", 3600).slots(sunday, 1).weekday.tolist() == [0]
