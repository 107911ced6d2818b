"""What the page says and shows in each state of its connection, its values and its server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from bessline.signals import BESS_TOPICS
from unit_tests.browser.conftest import Watch
from unit_tests.browser.stage import Stage, device

pytestmark = pytest.mark.browser

SNAPSHOT_AT = "08:00:00"


def state(page: Page) -> Locator:
    return page.locator("#connection-state")


def detail(page: Page) -> Locator:
    return page.locator("#connection-detail")


def figure(page: Page, field: str) -> Locator:
    return page.locator(f".figure[data-field='{field}']")


def row(page: Page, field: str) -> Locator:
    return page.locator(f".group tr[data-field='{field}']")


def snapshot(stage: Stage, **values: object) -> None:
    reading = {"timestamp": f"2024-05-01T{SNAPSHOT_AT}.000Z", **values}
    stage.send("snapshot", {"unit-1": {"topics": {"bess": reading}, "analytics": {}}})


def test_a_snapshot_makes_the_page_complete(stage: Stage, watch: Watch) -> None:
    """One event, and every value stands there with its unit, its direction in words and the plant's own time."""
    snapshot(stage.start(), bms_soc=41, pcs_active_power=-83.24, bms_voltage=842, pcs_temp_igbt=31.5)
    expect(state(stage.page)).to_have_text("Live")
    expect(figure(stage.page, "bms.soc")).to_contain_text("41 %")
    expect(figure(stage.page, "pcs.active_power")).to_contain_text("−83.2 kW")
    expect(figure(stage.page, "pcs.active_power")).to_contain_text("charging")
    expect(row(stage.page, "pcs.temp_igbt")).to_contain_text("31.5 °C")
    expect(stage.page.locator("#plant-time")).to_have_text("2024-05-01 08:00:00 UTC")
    expect(stage.page.locator(".moment-local")).to_have_text("(local 16:00:00 Asia/Shanghai)")
    assert watch.errors == []


@pytest.mark.parametrize(("power", "word"), [(12.0, "discharging"), (-12.0, "charging"), (0, "idle")])
def test_the_direction_is_said_in_words(stage: Stage, power: float, word: str) -> None:
    """Discharge is positive; nobody has to know that to read the page."""
    stage.start().reading("08:00:00", pcs_active_power=power)
    expect(figure(stage.page, "pcs.active_power").locator(".figure-word")).to_have_text(word)


def test_a_battery_that_stands_by_is_idle(stage: Stage) -> None:
    """A tenth of a kilowatt is what its converter needs; a two-hundredth of what was seen of it counts as that."""
    stage.start().reading("08:00:00", pcs_active_power=-0.9, bms_current=-0.1)
    word = figure(stage.page, "pcs.active_power").locator(".figure-word")
    expect(word).to_have_text("idle")
    expect(row(stage.page, "bms.current")).to_contain_text("idle")
    stage.reading("08:00:30", pcs_active_power=-100.0)
    expect(word).to_have_text("charging")
    stage.reading("08:01:00", pcs_active_power=-0.6)
    expect(word).to_have_text("charging")
    stage.reading("08:01:30", pcs_active_power=-0.4)
    expect(word).to_have_text("idle")


def test_apparent_power_serves_where_active_power_is_not_measured(stage: Stage) -> None:
    """The device's own list decides, not a null of the moment."""
    stage.devices = [device("unit-1", topics=BESS_TOPICS, fields=["bms.soc", "pcs.apparent_power"])]
    stage.start().reading("08:00:00", bms_soc=50, pcs_active_power=None, pcs_apparent_power=7.5)
    expect(figure(stage.page, "pcs.apparent_power")).to_contain_text("7.5 kW")
    expect(row(stage.page, "pcs.active_power")).to_have_count(0)


def test_a_null_is_a_dash_and_a_zero_is_a_zero(stage: Stage) -> None:
    """Missing stays missing: never 0, never the value before it."""
    stage.start().reading("08:00:00", bms_soc=41, bms_current=0, bms_voltage=842)
    stage.reading("08:00:30", bms_soc=None, bms_current=0, bms_voltage=842)
    expect(figure(stage.page, "bms.soc").locator(".figure-value")).to_have_text("—")
    expect(figure(stage.page, "bms.soc").locator(".figure-age")).to_have_text("no value since 16:00:30")
    expect(row(stage.page, "bms.soc")).to_contain_text("no value since 16:00:30")
    expect(figure(stage.page, "bms.current").locator(".figure-value")).to_have_text("0.0")


@pytest.mark.parametrize(
    ("least", "most", "shown"),
    [(3.301, 3.33, "3.301 – 3.330"), (3.301, None, "from 3.301"), (None, 3.33, "up to 3.330")],
)
def test_a_range_with_one_end_says_which(stage: Stage, least: float | None, most: float | None, shown: str) -> None:
    """A dash beside a dash is a riddle."""
    stage.start().reading("08:00:00", bms_cell_min_voltage=least, bms_cell_max_voltage=most)
    expect(figure(stage.page, "bms.cell_min_voltage")).to_contain_text(shown)


def test_a_field_never_received_says_so(stage: Stage) -> None:
    """A device that lists a field owes a value; until then the row admits that there was none."""
    stage.start().reading("08:00:00", bms_soc=41, aux_outside_temp=None)
    expect(row(stage.page, "aux.outside_temp")).to_contain_text("none received yet")


def test_an_implausible_value_is_shown_and_flagged(stage: Stage) -> None:
    """Flagged, not hidden and not clamped."""
    stage.start().reading("08:00:00", bms_soc=104.2)
    expect(figure(stage.page, "bms.soc")).to_contain_text("104.2 %")
    expect(figure(stage.page, "bms.soc")).to_contain_text("outside 0 to 100 %")
    expect(row(stage.page, "bms.soc")).to_have_attribute("data-warn", "")


def test_ages_come_from_history(stage: Stage) -> None:
    """How old a value was at its reading is a fact of the store, so the store is asked; its answer is shown at once."""
    stage.ages_s = {"bms_soc": 43.0}
    stage.start().reading("08:00:00", bms_soc=41)
    expect(row(stage.page, "bms.soc").locator(".row-age")).to_contain_text("43 s old")


def test_ages_that_come_late_are_shown_at_once(stage: Stage) -> None:
    """Not with the next reading, which a slow topic sends in a minute."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    stage.page.route(re.compile("ages=true"), hold)
    stage.start().reading("08:00:00", bms_soc=41)
    age = row(stage.page, "bms.soc").locator(".row-age")
    expect(age).to_contain_text("received")
    while not held:
        stage.page.wait_for_timeout(10)
    held[0].fulfill(json={"data": [{"timestamp": "2024-05-01T08:00:00.000Z", "ages_s": {"bms_soc": 43.0}}]})
    expect(age).to_contain_text("43 s old")


def test_silence_on_an_open_connection_is_stale(stage: Stage) -> None:
    """Connected is not alive: without readings the values are old, and the page says since when."""
    stage.page.clock.install()
    stage.start().reading("08:00:00", bms_soc=41)
    expect(state(stage.page)).to_have_text("Live")
    stage.page.clock.fast_forward(17_000)
    expect(state(stage.page)).to_have_text("Stale")
    expect(detail(stage.page)).to_contain_text("no reading for")
    stage.reading("08:00:30", bms_soc=41)
    expect(state(stage.page)).to_have_text("Live")


def test_a_lost_connection_is_reconnecting_not_stale(stage: Stage) -> None:
    """The browser is trying again: a different trouble, a different word."""
    stage.start().reading("08:00:00", bms_soc=41)
    stage.fail()
    expect(state(stage.page)).to_have_text("Reconnecting")
    expect(figure(stage.page, "bms.soc")).to_contain_text("41 %")
    stage.page.evaluate("() => stage.open()")
    stage.reading("08:00:30", bms_soc=42)
    expect(state(stage.page)).to_have_text("Live")


def test_a_stream_closed_for_good_is_opened_again_where_it_was(stage: Stage) -> None:
    """After an error page the browser never tries again, so the page does, with the last id."""
    stage.page.clock.install()
    stage.start().reading("08:00:00", bms_soc=41)
    stage.fail(for_good=True)
    expect(state(stage.page)).to_have_text("Reconnecting")
    stage.page.clock.fast_forward(2_000)
    stage.page.wait_for_function("() => stage.sources.length === 2")
    assert "last_event_id=id-1" in stage.page.evaluate("() => stage.newest().url")


def test_an_ended_stream_is_left_alone(stage: Stage) -> None:
    """`end` is the last word; to connect again would be refused with 204."""
    stage.start().reading("08:00:00", bms_soc=41)
    stage.send("end", {})
    expect(state(stage.page)).to_have_text("Ended")
    assert stage.page.evaluate("() => stage.newest().readyState") == 2


def test_pause_holds_the_display_and_counts_what_waits(stage: Stage) -> None:
    """Held means held; resuming shows the newest at once."""
    stage.start().reading("08:00:00", bms_soc=41)
    expect(figure(stage.page, "bms.soc")).to_contain_text("41 %")
    stage.page.get_by_role("button", name="Pause").click()
    stage.reading("08:00:30", bms_soc=42)
    expect(state(stage.page)).to_have_text("Paused")
    expect(detail(stage.page)).to_contain_text("1 newer reading waits")
    expect(figure(stage.page, "bms.soc")).to_contain_text("41 %")
    stage.page.get_by_role("button", name="Resume").click()
    expect(figure(stage.page, "bms.soc")).to_contain_text("42 %")


@pytest.mark.parametrize(("event", "data"), [("reset", {}), ("resume", {"status": "reset", "missed": 0})])
def test_a_reset_starts_the_chart_anew(stage: Stage, event: str, data: dict[str, object]) -> None:
    """Time goes backwards only after `reset`, and nothing of before stays on the page."""
    stage.start().reading("20:00:00", bms_soc=90, bms_voltage=860)
    expect(row(stage.page, "bms.voltage")).to_contain_text("860.0 V")
    stage.send(event, data)
    stage.reading("01:00:00", bms_soc=10)
    expect(stage.page.locator(".canvas")).to_have_attribute(
        "aria-label", re.compile("State of charge 10 %, Power — at 09:00:00")
    )
    expect(row(stage.page, "bms.voltage").locator(".row-age")).to_have_text("none received yet")


def test_the_past_fills_the_chart_before_the_first_reading(stage: Stage) -> None:
    """The line does not begin at the visitor's arrival, and the keyboard can walk along it."""
    stage.history = [{"timestamp": f"2024-05-01T07:{m}:00.000Z", "bms_soc": m, "pcs_active_power": 1} for m in (58, 59)]
    stage.start().reading("08:00:00", bms_soc=60, pcs_active_power=2)
    expect(stage.page.locator(".figure").first).to_contain_text("60 %")
    asked = next(path for path in stage.asked if "fields=" in path)
    assert "start=2024-05-01T06%3A00%3A00.000Z" in asked
    assert "fields=bms_soc%2Cpcs_active_power" in asked
    stage.page.locator(".canvas").focus()
    for _ in range(3):
        stage.page.keyboard.press("ArrowLeft")
    expect(stage.page.locator(".legend")).to_contain_text("58 %")


def test_a_gap_is_told(stage: Stage) -> None:
    """The source's silence is named in the plant's own time."""
    stage.start().reading("08:00:00", bms_soc=41)
    stage.send("gap", {"from": "2024-05-01T08:00:00.000Z", "to": "2024-05-01T11:00:00.000Z"})
    stage.reading("11:00:00", bms_soc=41)
    expect(stage.page.locator(".moment-note")).to_contain_text("silent from 2024-05-01 16:00:00 to 2024-05-01 19:00:00")


def test_a_gap_that_goes_on_is_told_as_one(stage: Stage) -> None:
    """Nobody knows yet how long it will be."""
    stage.start().reading("08:00:00", bms_soc=41)
    stage.send("gap", {"from": "2024-05-01T08:00:00.000Z", "to": None})
    expect(stage.page.locator(".moment-note")).to_contain_text("has been silent since 2024-05-01 16:00:00")


def test_an_empty_store_is_explained(stage: Stage) -> None:
    """No devices is a state with words, not an empty page."""
    stage.devices = []
    stage.enter()
    expect(state(stage.page)).to_have_text("No devices")
    expect(stage.page.get_by_role("heading", name="No devices yet")).to_be_visible()


def test_a_loading_server_is_waited_for(stage: Stage) -> None:
    """503 while loading: the page says so, asks again and goes on by itself."""
    stage.page.clock.install()
    stage.refusals = [(503, "taking in bess-1"), (503, "taking in bess-1")]
    stage.enter()
    expect(stage.page.get_by_role("heading", name="The server is still loading")).to_be_visible()
    stage.page.clock.fast_forward(4_000)
    expect(stage.page.get_by_role("heading", name="unit-1")).to_be_visible()


def test_an_address_that_is_no_text_shows_the_first_device(stage: Stage, watch: Watch) -> None:
    """A link that was cut off in a mail is no reason for an empty page."""
    stage.start("#bess%3A100%")
    expect(stage.page.get_by_label("Device")).to_have_value("bess:unit-1")
    assert watch.errors == []


def test_an_address_written_over_in_an_open_page_is_gone_to(stage: Stage) -> None:
    """The browser loads nothing when only what is behind # changes."""
    stage.start()
    stage.page.evaluate("() => { location.hash = '#meter:m1' }")
    expect(stage.page.get_by_label("Device")).to_have_value("meter:m1")
    expect(stage.page.locator(".moment-device")).to_have_text("m1")


def test_the_choice_lists_units_and_meters_and_stands_in_the_address(stage: Stage) -> None:
    """A chosen device can be kept as a bookmark, and shows only what it has."""
    stage.start("#meter%3Am1")
    assert stage.page.evaluate("() => stage.newest().url") == "/meters/m1/stream?interval=1"
    stage.send("message", {"device_id": "m1", "timestamp": "2024-05-01T08:00:00.000Z", "active_power": 372.04})
    expect(figure(stage.page, "meter.active_power")).to_contain_text("372.0 kW")
    expect(figure(stage.page, "meter.active_power")).to_contain_text("importing")
    expect(stage.page.locator(".group h2")).to_have_text(["Meter"])
    assert stage.page.locator("#device optgroup").evaluate_all("(all) => all.map((one) => one.label)") == [
        "Storage units",
        "Meters",
    ]


@pytest.mark.parametrize("width", [360, 390, 820, 1600])
def test_nothing_is_wider_than_the_screen(stage: Stage, width: int) -> None:
    """From a phone to a desk there is nothing to scroll sideways."""
    stage.page.set_viewport_size({"width": width, "height": 800})
    snapshot(stage.start(), bms_soc=41, pcs_active_power=-1083.2, safety_fa1_voc=3.25, bms_cell_min_voltage=3.272)
    expect(row(stage.page, "safety.fa1_voc")).to_contain_text("3.25 ppm")
    assert stage.page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
