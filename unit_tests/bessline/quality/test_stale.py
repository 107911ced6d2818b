"""A value that no longer changes is stuck, unless it usually rests, or rests at zero."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bessline.quality.stale import stuck, stuck_after_ms, usual_rest_ms
from bessline.sources.base import Float64, Int64

HOUR, MINUTE = 3_600_000, 60_000
RANDOM = np.random.default_rng(0)


def minutes(n: int) -> Int64:
    return np.arange(n) * MINUTE


def noisy(n: int) -> Float64:
    return 20 + RANDOM.normal(0, 1, n)


def test_a_stuck_sensor_is_found_from_end_to_end() -> None:
    value = noisy(3000)
    value[500:1700] = 21.5
    found = stuck(minutes(3000), value, tolerance_ms=3 * MINUTE, at_least_ms=12 * HOUR)
    assert (found.first_ms.tolist(), found.last_ms.tolist()) == ([500 * MINUTE], [1699 * MINUTE])
    assert (found.values.tolist(), found.value.tolist()) == ([1200], [21.5])


@pytest.mark.parametrize("at", [0.0, -0.0])
def test_zero_is_rest(at: float) -> None:
    """A plant that stands still for a day measures a current of nothing, all day."""
    value = noisy(3000)
    value[500:2500] = at
    assert len(stuck(minutes(3000), value, tolerance_ms=3 * MINUTE, at_least_ms=12 * HOUR)) == 0


def test_time_in_gaps_is_not_counted() -> None:
    """Readings fail now and then, and that frees no sensor; of a long gap nobody knows."""
    t_ms = minutes(1600)
    t_ms[800:] += 9 * HOUR
    t_ms[1200:] += 4 * MINUTE
    value = np.full(1600, 5.0)
    assert len(stuck(t_ms, value, tolerance_ms=3 * MINUTE, at_least_ms=26 * HOUR)) == 1
    assert len(stuck(t_ms, value, tolerance_ms=3 * MINUTE, at_least_ms=27 * HOUR)) == 0


def test_few_readings_prove_nothing() -> None:
    assert len(stuck(np.arange(5) * 6 * HOUR, np.full(5, 5.0), tolerance_ms=18 * HOUR, at_least_ms=HOUR)) == 0
    nothing = np.empty(0, np.int64)
    assert len(stuck(nothing, np.empty(0), tolerance_ms=MINUTE, at_least_ms=HOUR)) == 0


def test_what_rests_by_habit_is_not_stuck() -> None:
    """Idle nights of nine hours, and a state of health that stays for months."""
    nights = np.arange(24 * 30) % 24 < 9
    assert usual_rest_ms(nights, width_ms=HOUR) == 9 * HOUR
    assert stuck_after_ms(12 * HOUR, 9 * HOUR) == 13.5 * HOUR
    assert usual_rest_ms(np.ones(2000, bool), width_ms=HOUR) == 2000 * HOUR
    assert stuck_after_ms(12 * HOUR, 0) == 12 * HOUR
    assert usual_rest_ms(np.zeros(0, bool), width_ms=HOUR) == 0


def test_what_happens_now_and_then_is_no_habit() -> None:
    """Three times in a month, or once a month; more often is."""
    hours = np.zeros(24 * 300, bool)
    for day in range(0, 300, 30):
        hours[day * 24 : day * 24 + 18] = True
    assert usual_rest_ms(hours, width_ms=HOUR) == 0
    for day in range(10, 300, 30):
        hours[day * 24 : day * 24 + 18] = True
    assert usual_rest_ms(hours, width_ms=HOUR) == 18 * HOUR


@pytest.mark.real
def test_every_stale_label_of_a_real_inverter_is_found_and_no_more(shared_data: Path) -> None:
    """pvanalytics' inverter 2173: 245 of 3,000 rows are labelled; precision 1.00, recall 1.00."""
    rows = pd.read_csv(shared_data / "pvanalytics" / "ac_power_inv_2173_stale_data.csv", parse_dates=["timestamp"])
    t_ms = rows["timestamp"].dt.tz_localize(None).to_numpy().astype("M8[ms]").astype(np.int64)
    value, labelled = rows["value_normalized"].to_numpy(), rows["stale_data_mask"].to_numpy()
    hours = rows["value_normalized"].groupby(t_ms // HOUR)
    constant = ((hours.min() == hours.max()) & (hours.min() != 0)).to_numpy()
    at_least_ms = stuck_after_ms(12 * HOUR, usual_rest_ms(constant, width_ms=HOUR))
    found = stuck(t_ms, value, tolerance_ms=45 * MINUTE, at_least_ms=at_least_ms)
    flagged = np.zeros(len(t_ms), bool)
    for first, last in zip(found.first_ms, found.last_ms, strict=True):
        flagged |= (t_ms >= first) & (t_ms <= last)
    assert labelled.sum() == 245
    assert (flagged == labelled).all()
