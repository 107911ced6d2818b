"""What flowed in the last hour."""

from __future__ import annotations

import math
import pickle

import pytest

from bessline.analytics.detectors.charge_hour import ChargeHour

MINUTE_MS = 60_000


def run(hour: ChargeHour, minutes: range, *, amps: float = -28.0, step: int = 1) -> tuple[float, float]:
    answer = (math.nan, math.nan)
    for minute in minutes[::step]:
        answer = hour.update(minute * MINUTE_MS, amps=amps, soc=float(minute // 6))
    return answer


def test_it_says_nothing_before_an_hour_is_over() -> None:
    hour = ChargeHour(longest_s=180.0)
    assert math.isnan(run(hour, range(60))[0])
    assert run(hour, range(60, 61)) == pytest.approx((-28.0, 10.0))


def test_irregular_steps_make_no_difference() -> None:
    assert run(ChargeHour(longest_s=180.0), range(241), step=3)[0] == pytest.approx(-28.0)


def test_after_a_hole_the_hour_begins_anew() -> None:
    hour = ChargeHour(longest_s=180.0)
    run(hour, range(61))
    assert math.isnan(run(hour, range(65, 120))[0])
    assert run(hour, range(120, 126))[0] == pytest.approx(-28.0)


def test_what_is_missing_for_a_moment_is_bridged_and_not_known() -> None:
    hour = ChargeHour(longest_s=180.0)
    run(hour, range(61))
    assert math.isnan(hour.update(61 * MINUTE_MS, amps=math.nan, soc=10.0)[0])
    assert run(hour, range(62, 63))[0] == pytest.approx(-28.0)


def test_it_remembers_one_hour_at_any_pace() -> None:
    hour = ChargeHour(longest_s=3.0)
    for second in range(8000):
        flowed, _ = hour.update(second * 1000, amps=36.0, soc=50.0)
    assert flowed == pytest.approx(36.0, rel=0.02)
    assert len(pickle.dumps(hour)) < 4000
