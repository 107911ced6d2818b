from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from bessline.analytics.forecasting.local_clock import LocalClock
from bessline.analytics.forecasting.signal_forecast import TRIALS, SignalForecast
from bessline.sources.base import Float64
from unit_tests.bessline.analytics.forecasting.steps import daily

CLOCK = LocalClock(None, 3600)


def _live(series: SignalForecast, values: Float64) -> list[dict[str, Any] | None]:
    found = []
    for value in values:
        step = series.memory.past.end
        series.take(step, float(value), at=CLOCK.slots(step, 1))
        targets = CLOCK.slots(step + 1, 24)
        series.refit_nightly(CLOCK.slots(step, 1), hour=0)
        found.append(series.forecast(targets, [str(hour) for hour in range(24)]))
    return found


def test_nothing_is_published_before_it_was_tried() -> None:
    series = SignalForecast("meter.active_power", 3600)
    found = _live(series, daily(4, noise=1.0))
    first = next(hour for hour, forecast in enumerate(found) if forecast)
    assert 1.5 * 24 < first < 3 * 24
    assert all(found[first:])


def test_the_state_says_how_far_learning_is() -> None:
    series = SignalForecast("meter.active_power", 3600)
    assert series.state()["status"] == f"learning, 0 of {TRIALS} forecasts have come true"
    _live(series, daily(3, noise=1.0))
    assert (series.state()["status"], series.state()["error_over_floor"]) == ("forecasting", {})
    _live(series, daily(2, noise=1.0))
    assert series.state()["error_over_floor"]["seasonal naive (24 h)"] == 1.0


def test_a_signal_gone_for_a_day_is_not_forecast() -> None:
    series = SignalForecast("meter.active_power", 3600)
    _live(series, daily(6, noise=1.0))
    found = _live(series, np.full(30, np.nan))
    assert [bool(forecast) for forecast in found] == [True] * 23 + [False] * 7
    assert "no value for more than a day" in series.state()["status"]


def test_what_cannot_be_is_cut_off_and_said() -> None:
    """A rising state of charge leads beyond 100 %: the method's name tells that it was held back."""
    series = SignalForecast("bms.soc", 3600)
    soc = np.clip(60 + 60 * np.sin(2 * np.pi * np.arange(24 * 21) / 24), 0, 100)
    found = _live(series, soc + np.repeat(np.linspace(-20, 0, 21), 24))
    medians = [step["median"] for forecast in found if forecast for step in forecast["horizon"]]
    uppers = [step["upper"] for forecast in found if forecast for step in forecast["horizon"]]
    assert max(medians) <= 100
    assert max(uppers) <= 100
    cut = [forecast for forecast in found if forecast and "limited to what is possible" in forecast["method"]]
    assert all(
        100 in {step["median"] for step in f["horizon"]} or 0 in {step["median"] for step in f["horizon"]} for f in cut
    )


def test_a_forecast_is_ready_for_json_where_nothing_can_be_said_null() -> None:
    """Half a day is all there ever was: the other half has no ground yet."""
    series = SignalForecast("meter.active_power", 3600)
    halves = np.where(np.arange(24 * 8) % 24 < 12, daily(8, noise=1.0), np.nan)
    forecast = _live(series, halves)[-1]
    assert forecast is not None
    assert orjson.loads(orjson.dumps(forecast)) == forecast
    assert [step["median"] is None for step in forecast["horizon"]] == [False] * 12 + [True] * 12
