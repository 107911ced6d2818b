"""What the page shows of the next day, and of ageing."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from unit_tests.browser.conftest import Watch
from unit_tests.browser.stage import Stage

pytestmark = pytest.mark.browser

DAY = "2024-05-01T"


def forecast(signal: str = "pcs.active_power", *, at: str = "08:00:00", **more: Any) -> dict[str, Any]:
    steps = [(f"{DAY}{8 + n // 4:02}:{n % 4 * 15:02}:00.000Z", float(n - 10)) for n in range(40)]
    horizon = [{"timestamp": t, "median": v, "lower": v - 5, "upper": v + 5} for t, v in steps]
    return {
        "device_id": "unit-1",
        "issued_at": f"{DAY}{at}.000Z",
        "signal": signal,
        "step_s": 900,
        "horizon": horizon,
        "level": 0.9,
        "method": "ridge",
        "coverage_observed": 0.9149,
        "coverage_points": 3412,
        **more,
    }


def ageing(**more: Any) -> dict[str, Any]:
    worst = [("p3_v17", -0.0213, -0.03, -0.012), ("p1_v2", 0.004, 0.001, 0.007)]
    names = ("cell", "slope", "lower", "upper")
    return {
        "device_id": "unit-1",
        "timestamp": f"{DAY}06:00:00.000Z",
        "cells": 260,
        "slope_v_per_year": {"median": -0.0012, "lower": -0.004, "upper": 0.002},
        "worst": [{**dict(zip(names, each, strict=True)), "rank": n} for n, each in enumerate(worst, 1)],
        "soh": {"bms": 98.0, "measured": None, "evidence": "no charge is long enough yet"},
        "equivalent_full_cycles": 6.25,
        "projection": [],
        "evidence": "Rests on 12 charges over 11 days, intervals hold 95%.",
        **more,
    }


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def begin(stage: Stage) -> None:
    stage.start().reading("08:00:30", bms_soc=41)


def test_a_forecast_names_its_method_and_how_well_its_band_held(stage: Stage, watch: Watch) -> None:
    """A band without its record is a decoration."""
    begin(stage)
    stage.send("forecast", forecast())
    shown = card(stage.page, "Forecast")
    expect(shown).to_contain_text("as of 2024-05-01 16:00; ridge; 90 % band, covered 0.91 of 3,412 points")
    expect(shown).to_contain_text("expected: lowest −10.0 kW at 16:00, highest 29.0 kW at 01:45")
    stage.send("forecast", forecast(at="09:00:00", method="seasonal naive", coverage_observed=None))
    expect(shown).to_contain_text("seasonal naive; 90 % band, not held against what came yet")
    assert watch.errors == []


def test_the_past_of_a_forecast_ends_where_it_was_made(stage: Stage) -> None:
    """The store of a replay knows the future; the page must not."""
    stage.series = [{"t": [f"{DAY}07:45:00.000Z"], "v": [-3.25]}]
    begin(stage)
    stage.send("forecast", forecast())
    expect(card(stage.page, "Forecast").locator("canvas")).to_be_visible()
    asked = [parse_qs(urlsplit(path).query) for path in stage.asked if path.startswith("/series")]
    assert [(query["end"], query["resolution"]) for query in asked] == [([f"{DAY}08:00:00.000Z"], ["15min"])]


def test_a_forecast_is_read_with_the_arrow_keys(stage: Stage) -> None:
    """What was, then what is expected with its band, point by point."""
    stage.series = [{"t": [f"{DAY}07:45:00.000Z"], "v": [-3.25]}]
    begin(stage)
    stage.send("forecast", forecast())
    chart = card(stage.page, "Forecast").get_by_role("group")
    chart.focus()
    stage.page.keyboard.press("ArrowRight")
    expect(card(stage.page, "Forecast")).to_contain_text("2024-05-01 15:45: was −3.3 kW")
    stage.page.keyboard.press("ArrowRight")
    expect(card(stage.page, "Forecast")).to_contain_text("2024-05-01 16:00: −10.0 kW expected, −15.0 to −5.0 kW")


def test_each_signal_has_its_chart_once(stage: Stage) -> None:
    """Hour after hour, a new forecast takes the place of the old one."""
    begin(stage)
    for at in ("08:00:00", "09:00:00"):
        for signal in ("pcs.active_power", "bms.soc"):
            stage.send("forecast", forecast(signal, at=at))
    expect(card(stage.page, "Forecast").get_by_role("heading", level=3)).to_have_count(2)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("learning, 1 of 3 forecasts have come true", ": learning, 1 of 3 forecasts have come true."),
        ("forecasting", ": its first one comes later in this history."),
    ],
)
def test_no_forecast_says_what_is_waited_for(stage: Stage, status: str, text: str) -> None:
    """Learning is a state with words; and the analytics may be ahead of the plant's clock."""
    states = {"forecast": {"signals": {"bms.soc": {"status": status}}, "status": "on"}}
    stage.standing = {"evidence": None, "states": states}
    begin(stage)
    expect(card(stage.page, "Forecast")).to_contain_text(text)


def test_ageing_names_the_worst_cells_with_their_intervals(stage: Stage) -> None:
    """Millivolts a year, and how sure that is; what is not known is a dash and a sentence."""
    stage.found = {"degradation": [ageing()]}
    begin(stage)
    shown = card(stage.page, "Ageing")
    expect(shown.get_by_role("row").nth(1)).to_contain_text("Cell 3/17")
    expect(shown.get_by_role("row").nth(1)).to_contain_text("−21.3")
    expect(shown.get_by_role("row").nth(1)).to_contain_text("−30.0 to −12.0")
    expect(shown).to_contain_text("98.0 %")
    expect(shown).to_contain_text("−1.2 mV a year (−4.0 to 2.0)")
    expect(shown).to_contain_text("Rests on 12 charges over 11 days")
    expect(shown).to_contain_text("Measured health: no charge is long enough yet.")


def test_a_slope_that_is_not_known_is_a_dash(stage: Stage) -> None:
    """Never a zero: the sentence under it says what is missing."""
    unknown = {"median": None, "lower": None, "upper": None}
    first = {"cell": "p3_v17", "slope": None, "lower": None, "upper": None, "rank": 1}
    begin(stage)
    said = "Rests on 2 charges over 1 day."
    stage.send("degradation", ageing(slope_v_per_year=unknown, worst=[first], evidence=said))
    shown = card(stage.page, "Ageing")
    expect(shown.get_by_role("row").nth(1).get_by_role("cell").nth(1)).to_have_text("—")
    expect(shown).to_contain_text(said)


def test_before_a_charge_ageing_says_what_it_waits_for(stage: Stage) -> None:
    """And a meter, which has no cells, has no such panel."""
    begin(stage)
    expect(card(stage.page, "Ageing")).to_contain_text("No end of a charge was seen yet")
    stage.page.locator("#device").select_option("meter:m1")
    expect(card(stage.page, "Ageing")).to_have_count(0)
