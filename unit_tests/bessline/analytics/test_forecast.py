"""What the forecasts promise as a whole. What every analytic promises is tested in `test_contracts`."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bessline.analytics import Event, Reading, Subject
from bessline.analytics.forecast import Forecaster
from bessline.analytics.forecasting.ridge import Ridge
from bessline.sources.base import Float64
from unit_tests.bessline.analytics.forecasting.steps import daily

HOUR_MS = 3_600_000
QUARTER_MS = HOUR_MS // 4


def _load(period_s: float = 3600.0, timezone: str | None = None) -> Forecaster:
    return Forecaster(Subject("site", ("meter.active_power",), period_s, timezone))


def _feed(forecaster: Forecaster, values: Iterable[float], start: int = 0, *, step_ms: int = HOUR_MS) -> list[Event]:
    """One signal's values from `start` on (ms); NaN are readings without a value."""
    events: list[Event] = []
    for place, value in enumerate(values):
        events += forecaster.update(Reading(start + place * step_ms, np.array([value])))
    return events


def _medians(event: Event) -> dict[str, float]:
    return {step["timestamp"]: step["median"] for step in event.data["horizon"]}


def test_the_event_is_the_contracts() -> None:
    event = _feed(_load(), daily(5, noise=1.0))[-1]
    assert (event.name, event.t_ms) == ("forecast", 119 * HOUR_MS)
    assert list(event.data) == [
        "device_id", "issued_at", "signal", "step_s", "horizon", "level", "method", "coverage_observed",
        "coverage_points",
    ]  # fmt: skip
    assert (event.data["issued_at"], event.data["step_s"], event.data["level"]) == (
        "1970-01-05T23:00:00.000Z",
        3600,
        0.9,
    )
    assert [step["timestamp"] for step in event.data["horizon"]][::23] == [
        "1970-01-05T23:00:00.000Z",
        "1970-01-06T22:00:00.000Z",
    ]
    assert all(step["lower"] <= step["median"] <= step["upper"] for step in event.data["horizon"])
    assert 0 <= event.data["coverage_observed"] <= 1


def test_it_finds_what_a_device_has() -> None:
    names = ("bms.soc", "bms.voltage", "pcs.apparent_power", "cells.p1_v1")
    assert [one.signal for one in Forecaster(Subject("b", names, 30.0)).series] == ["pcs.apparent_power", "bms.soc"]
    both = (*names, "pcs.active_power", "meter.active_power")
    found = [one.signal for one in Forecaster(Subject("b", both, 30.0)).series]
    assert found == ["pcs.active_power", "bms.soc", "meter.active_power"]


@pytest.mark.parametrize(("names", "period_s"), [(("bms.voltage",), 30.0), (("bms.soc",), 7200.0)])
def test_where_there_is_nothing_to_forecast_it_says_so(names: tuple[str, ...], period_s: float) -> None:
    forecaster = Forecaster(Subject("b", names, period_s))
    assert _feed(forecaster, daily(5)) == []
    assert forecaster.state()["status"].startswith("off: ")


@pytest.mark.parametrize(("period_s", "step_s"), [(1.0, 900), (900.0, 900), (1200.0, 1800), (3600.0, 3600)])
def test_steps_are_no_finer_than_the_readings(period_s: float, step_s: int) -> None:
    assert _load(period_s).state()["step_s"] == step_s


def test_fast_readings_are_their_means() -> None:
    """Readings each five minutes, and their means over quarters: the same forecasts."""
    fine = np.repeat(daily(3), 12) + np.random.default_rng(0).normal(size=24 * 12 * 3)
    coarse = fine.reshape(-1, 3).mean(axis=1)
    one = _feed(_load(300.0), fine, step_ms=300_000)[-1].data["horizon"]
    two = _feed(_load(900.0), coarse, step_ms=QUARTER_MS)[-1].data["horizon"]
    assert len(one) == 96
    assert [step["median"] for step in one] == pytest.approx([step["median"] for step in two], rel=1e-9)


def test_a_hole_of_six_hours_makes_no_jump() -> None:
    """What is said of an hour before and after the hole differs no more than from hour to hour without one."""
    values = daily(14, noise=2.0, seed=4)
    whole = _load()
    cut = 24 * 12 + 3
    _feed(whole, values[:cut])
    holed = pickle.loads(pickle.dumps(whole))
    start = (cut + 6) * HOUR_MS
    calm = _feed(whole, values[cut : cut + 8], cut * HOUR_MS)[-1]
    after = _feed(holed, values[cut + 6 : cut + 8], start)[-1]
    assert after.data["issued_at"] == calm.data["issued_at"]
    off = [abs(_medians(after)[stamp] - median) for stamp, median in _medians(calm).items()]
    assert np.mean(off) < 1.0
    assert max(off) < 3.0  # of a noise of 2


def test_a_hole_of_months_is_survived_and_owned_up_to() -> None:
    forecaster = _load()
    _feed(forecaster, daily(5, noise=1.0))
    events = _feed(forecaster, daily(3, noise=1.0), 24 * 300 * HOUR_MS)
    assert events
    assert np.isfinite(list(_medians(events[-1]).values())).all()


@pytest.mark.parametrize("noise", [1.0, 3.0])
def test_a_load_shift_is_learned_within_two_days_of_data(noise: float) -> None:
    """From the second day after it on, every forecast is around the new level."""
    forecaster, shift = _load(), 24 * 14
    values = daily(17, noise=noise)
    values[shift:] *= 1.25
    events = _feed(forecaster, values)
    truth = daily(19) * 1.25
    late = [event for event in events if event.t_ms >= (shift + 48) * HOUR_MS]
    assert len(late) == 24
    for event in late:
        first = event.t_ms // HOUR_MS
        off = np.array(list(_medians(event).values())) / truth[first : first + 24] - 1
        assert abs(off.mean()) < 0.06, f"{first - shift} hours after the shift"


def test_what_goes_on_from_a_pickle_says_the_same() -> None:
    values = daily(12, noise=2.0)
    values[100:110] = np.nan
    whole = _load(timezone="Europe/Berlin")
    _feed(whole, values[:200])
    copy = pickle.loads(pickle.dumps(whole))
    rest: Float64 = values[200:]
    assert _feed(whole, rest, 200 * HOUR_MS) == _feed(copy, rest, 200 * HOUR_MS)
    assert whole.state() == copy.state()


def test_on_the_day_the_clocks_change_people_still_rise_at_eight() -> None:
    """From 20 March 2024 on; summer time came on the 31st."""
    start = 1_710_028_800_000 + 24 * 10 * HOUR_MS
    forecaster = _load(timezone="Europe/Berlin")
    hours = np.arange(24 * 11 - 1)
    values = np.where((hours + 1) % 24 == 8, 100.0, 10.0)
    event = _feed(forecaster, values + np.random.default_rng(2).normal(size=len(hours)), start)[-1]
    highest = max(event.data["horizon"], key=lambda step: step["median"])
    assert highest["timestamp"] == "2024-03-31T06:00:00.000Z"


def test_no_tick_both_fits_and_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three signals, each fitted once a day, at hours of their own, between the forecasts."""
    ticks: list[int] = []
    monkeypatch.setattr(Ridge, "refit", lambda ridge: ticks.append(ridge._memory.past.end))
    forecaster = Forecaster(Subject("b", ("pcs.active_power", "bms.soc", "meter.active_power"), 900.0))
    for step in range(96 * 3):
        forecaster.update(Reading(step * QUARTER_MS, np.full(3, float(step % 96))))
    assert len(ticks) == len(set(ticks)) == 9
    assert all(end % 4 for end in ticks)


@pytest.mark.real
def test_it_beats_yesterday_on_a_real_household(shared_data: Path) -> None:
    """The first nine weeks; the whole year of four meters is the benchmark's: `python -m bench accuracy`."""
    table = pd.read_csv(shared_data / "emhass_household/long_train_data_converted.csv", nrows=2 * 24 * 7 * 9)
    load = pd.to_numeric(table.iloc[:, 1], errors="coerce").to_numpy(dtype=np.float64)
    hourly = np.where(load > 0, load, np.nan)[: len(load) // 2 * 2].reshape(-1, 2).mean(axis=1)
    start = int(pd.Timestamp(str(table.iloc[0, 0])).timestamp()) * 1000 // HOUR_MS
    errors, floors, covered = [], [], []
    for event in _feed(_load(timezone="Europe/Paris"), hourly, start * HOUR_MS)[24 * 28 : -24]:
        at = event.t_ms // HOUR_MS - start
        said = np.array([[step[key] for step in event.data["horizon"]] for key in ("median", "lower", "upper")], float)
        truth = hourly[at : at + 24]
        errors.append(np.abs(said[0] - truth))
        floors.append(np.abs(hourly[at - 24 : at] - truth))
        covered.append(np.where(np.isfinite(truth), (truth >= said[1]) & (truth <= said[2]), np.nan))
    fair = np.isfinite(floors)
    assert np.array(errors)[fair].mean() / np.array(floors)[fair].mean() < 0.95
    assert 0.86 < np.nanmean(covered) < 0.94
