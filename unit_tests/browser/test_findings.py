"""What the page shows of the alarms and the anomalies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from unit_tests.browser.conftest import Watch
from unit_tests.browser.stage import Stage

pytestmark = pytest.mark.browser

LOW = "state of charge 18 %, under 20 %, since 07:00:00 UTC"


def alarm(state: str = "raised", *, at: str = "07:30:00", since: str = "07:00:00", **more: Any) -> dict[str, Any]:
    return {
        "device_id": "unit-1",
        "alarm_id": f"unit-1.soc_low.{since}",
        "timestamp": f"2024-05-01T{at}.000Z",
        "since": f"2024-05-01T{since}.000Z",
        "rule": "soc_low",
        "state": state,
        "severity": "info",
        "signal": "bms.soc",
        "value": 18.0,
        "threshold": 20.0,
        "reason": LOW,
        **more,
    }


def anomaly(at: str = "07:40:00", **more: Any) -> dict[str, Any]:
    return {
        "device_id": "unit-1",
        "timestamp": f"2024-05-01T{at}.000Z",
        "topic": "cells",
        "cell": "p3_v17",
        "score": 0.99876,
        "threshold": 0.995,
        "severity": "warning",
        "reason": "cell 3/17 3.214 V, 41 mV under its pack's median",
        "detector": "cell_deviation",
        "false_alarms_per_week": 0.5,
        **more,
    }


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def rows(page: Page, name: str) -> Locator:
    return card(page, name).get_by_role("listitem")


def begin(stage: Stage) -> None:
    stage.start().reading("08:00:00", bms_soc=41)


def test_what_was_found_before_stands_there_at_the_start(stage: Stage, watch: Watch) -> None:
    """Up to the plant's own time: what the clock has not reached is nobody's news."""
    stage.found = {"alarms": [alarm(), alarm(at="09:00:00", since="08:30:00")], "anomalies": [anomaly()]}
    begin(stage)
    expect(rows(stage.page, "Alarms")).to_have_count(1)
    expect(rows(stage.page, "Alarms")).to_contain_text(LOW)
    expect(rows(stage.page, "Alarms")).to_contain_text("2024-05-01 15:30:00")
    expect(rows(stage.page, "Anomalies")).to_contain_text("Cell 3/17")
    expect(rows(stage.page, "Anomalies")).to_contain_text("score 0.9988, threshold 0.9950")
    expect(card(stage.page, "Anomalies")).to_contain_text("at most 0.5 false alarms a week wanted")
    assert watch.errors == []


def test_an_alarm_is_heard_when_it_is_raised_and_again_when_it_is_cleared(stage: Stage) -> None:
    """One row an alarm, whatever was said of it; a screen reader hears only of what is new."""
    begin(stage)
    stage.send("alarm", alarm(at="08:00:30", since="08:00:30"))
    expect(rows(stage.page, "Alarms")).to_contain_text("raised, not acknowledged")
    stage.reading("08:00:30", bms_soc=18)
    expect(card(stage.page, "Alarms").get_by_role("status")).to_have_text(f"Alarm, info: {LOW}")
    stage.send("alarm", alarm("cleared", at="08:10:00", since="08:00:30", reason="back at 22 %"))
    expect(rows(stage.page, "Alarms")).to_have_count(1)
    expect(rows(stage.page, "Alarms")).to_contain_text(LOW)
    expect(rows(stage.page, "Alarms")).to_contain_text("cleared 2024-05-01 16:10:00")
    expect(card(stage.page, "Alarms")).to_contain_text("none open")


def test_an_alarm_is_acknowledged_from_the_keyboard(stage: Stage) -> None:
    """Enter on its button; the row says so, keeps the focus, and the alarm stays open."""
    stage.found = {"alarms": [alarm()]}
    begin(stage)
    stage.page.get_by_role("button", name=f"Acknowledge: {LOW}").focus()
    stage.page.keyboard.press("Enter")
    expect(rows(stage.page, "Alarms").locator(".finding-state")).to_have_text("acknowledged")
    expect(rows(stage.page, "Alarms")).to_be_focused()
    expect(stage.page.get_by_role("button", name=re.compile("Acknowledge"))).to_have_count(0)
    expect(card(stage.page, "Alarms")).to_contain_text("1 open, all acknowledged")
    assert stage.posted == [("/alarms/unit-1.soc_low.07%3A00%3A00/ack", {})]


def test_a_refused_acknowledgement_is_told_and_may_be_tried_again(stage: Stage) -> None:
    """The button works again, and the alarm is as open as it was."""
    stage.found = {"alarms": [alarm()]}
    begin(stage)
    button = stage.page.get_by_role("button", name=re.compile("Acknowledge"))
    expect(button).to_be_visible()
    stage.refusals = [(503, "the server goes away")]
    button.click()
    expect(rows(stage.page, "Alarms").get_by_role("alert")).to_contain_text("the server goes away")
    button.click()
    expect(rows(stage.page, "Alarms").locator(".finding-state")).to_have_text("acknowledged")


def test_somebody_else_acknowledges(stage: Stage) -> None:
    """The stream says who; an acknowledgement of what is over opens nothing again."""
    stage.found = {"alarms": [alarm(), alarm("cleared", at="07:45:00")]}
    begin(stage)
    expect(rows(stage.page, "Alarms")).to_contain_text("cleared")
    stage.send("alarm", alarm("acknowledged", acknowledged={"at": "x", "by": "night shift", "comment": None}))
    expect(rows(stage.page, "Alarms")).to_contain_text("acknowledged by night shift")
    expect(card(stage.page, "Alarms")).to_contain_text("none open")


def test_the_newest_word_may_come_before_the_first(stage: Stage) -> None:
    """A snapshot tells that an alarm is over; history then tells what it was."""
    stage.found = {"alarms": [alarm()]}
    stage.start()
    over = alarm("cleared", at="07:45:00", reason="back at 22 %")
    newest = {
        "topics": {"bess": {"timestamp": "2024-05-01T08:00:00.000Z", "bms_soc": 41}},
        "analytics": {"alarm": over},
    }
    stage.send("snapshot", {"unit-1": newest})
    expect(rows(stage.page, "Alarms")).to_contain_text(LOW)
    expect(rows(stage.page, "Alarms")).to_contain_text("cleared 2024-05-01 15:45:00")


def test_an_old_alarm_that_is_still_open_is_there(stage: Stage) -> None:
    """However many came after it."""
    stage.alarms = [alarm(at="00:10:00", since="00:00:00"), alarm(at="08:59:00", since="08:50:00")]
    begin(stage)
    expect(rows(stage.page, "Alarms")).to_have_count(1)
    expect(card(stage.page, "Alarms")).to_contain_text("1 open, 1 not acknowledged")


def test_a_silence_of_live_input_stands_behind_its_last_reading(stage: Stage) -> None:
    """Nothing lies ahead of a device that is live: what time alone has shown is of now."""
    stage.standing = {"analysed_until": "2024-05-01T08:00:00.000Z", "evidence": None, "states": {}}
    stage.found = {"alarms": [alarm(at="08:15:00", since="08:00:00", rule="stale", signal="bms")]}
    begin(stage)
    expect(rows(stage.page, "Alarms")).to_have_count(1)


def test_the_newest_few_are_shown_and_the_rest_on_demand(stage: Stage) -> None:
    """A wall of anomalies must not push everything else off the page."""
    stage.found = {"anomalies": [anomaly(f"07:{minute:02}:00") for minute in range(10, 30)]}
    begin(stage)
    expect(rows(stage.page, "Anomalies")).to_have_count(5)
    expect(rows(stage.page, "Anomalies").first).to_contain_text("15:29:00")
    stage.page.get_by_role("button", name="Show all 20").click()
    expect(rows(stage.page, "Anomalies")).to_have_count(20)


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        (
            {"states": {"anomaly": {"threshold": None, "evidence": "learning, 3 of 8 blocks of 6 hours"}}},
            "No anomaly yet: the scores need two days of readings before they speak (learning, 3 of 8",
        ),
        ({"states": {"anomaly": {"threshold": 0.999, "evidence": "40 of 40 channels have learned"}}}, "No anomaly so"),
        ({"states": {}, "evidence": "the analytics are off"}, "No anomaly: the analytics are off."),
    ],
)
def test_no_anomaly_is_said_in_words(stage: Stage, standing: dict[str, Any], text: str) -> None:
    """An empty list says nothing: why it is empty does."""
    stage.standing = {"analysed_until": None, "evidence": None, **standing}
    begin(stage)
    expect(card(stage.page, "Anomalies")).to_contain_text(text)


def test_a_new_lap_forgets_what_was_found(stage: Stage) -> None:
    """Time goes backwards: what is found later has not happened yet."""
    stage.found = {"anomalies": [anomaly()]}
    begin(stage)
    expect(rows(stage.page, "Anomalies")).to_have_count(1)
    stage.send("reset", {})
    stage.reading("00:00:00", bms_soc=41)
    expect(rows(stage.page, "Anomalies")).to_have_count(0)


@pytest.mark.parametrize(
    ("score", "text"), [(0.99876, "score 0.9988"), (0.99998692, "score 0.999987"), (1.0, "score over 0.9999999")]
)
def test_a_score_has_the_digits_that_tell_it_from_one(stage: Stage, score: float, text: str) -> None:
    """Between once in a thousand and once in a million lies what anybody wants to know."""
    stage.found = {"anomalies": [anomaly(score=score)]}
    begin(stage)
    expect(rows(stage.page, "Anomalies")).to_contain_text(text)


def test_a_silent_topic_is_called_by_its_title(stage: Stage) -> None:
    """Nobody calls the cooling "aux"."""
    stage.found = {"alarms": [alarm(signal="aux", rule="stale")]}
    begin(stage)
    expect(rows(stage.page, "Alarms")).to_contain_text("Cooling and auxiliaries")
