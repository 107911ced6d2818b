"""Alarms: what is raised and cleared, with reasons in words, at any speed, across a restart."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import orjson
import pytest

from bessline.analytics import Event, Reading, Subject
from bessline.analytics.alarm_rules import RULES, STANDARD, Rule, RuleBook
from bessline.analytics.alarms import Alarms
from bessline.analytics.stamps import utc
from unit_tests.bessline.analytics.charging import Paper
from unit_tests.plants import MAY_1

SIGNALS = ("bms.soc", "bms.cell_max_temp", "bms.cell_temp_diff", "pcs.temp_igbt", "safety.fa1_smoke_flag",
           "safety.fa2_smoke_flag", "safety.fa1_co", "aux.outwater_temp", "aux.return_water_temp")  # fmt: skip
CALM = dict(zip(SIGNALS, (50.0, 30.0, 3.0, 50.0, 0.0, 0.0, 2.0, 18.0, 22.0), strict=True))
CONTRACT = ["device_id", "timestamp", "alarm_id", "rule", "state", "severity", "signal", "value", "threshold", "since",
            "reason", "coverage"]  # fmt: skip
SUBJECT = Subject("bess1", SIGNALS, 30.0)


def reading(minute: float, **changes: float) -> Reading:
    values = CALM | {name.replace("__", "."): value for name, value in changes.items()}
    return Reading(MAY_1 + round(minute * 60_000), np.array(list(values.values())))


def told(method: Alarms, *readings: Reading) -> list[dict[str, Any]]:
    return [dict(event.data) for each in readings for event in method.update(each)]


def test_a_calm_plant_raises_nothing() -> None:
    method = Alarms(SUBJECT)
    assert told(method, *(reading(n) for n in range(100))) == []
    assert method.state()["open"] == []


def test_an_alarm_says_what_where_and_since_when() -> None:
    method = Alarms(SUBJECT)
    hot = [reading(n, bms__cell_temp_diff=10.0 + 0.1 * n) for n in range(20)]
    (raised,) = told(method, *hot)
    assert list(raised) == CONTRACT
    assert raised["alarm_id"] == f"bess1.cell_temp_spread.{MAY_1 + 16 * 60_000}"
    assert raised["reason"] == "cell temperature spread: 11.6 °C, above 10 °C for 15 min"
    assert (raised["state"], raised["severity"], raised["since"]) == ("raised", "warning", "2024-05-01T00:01:00.000Z")
    assert method.state()["open"][0]["rule"] == "cell_temp_spread"
    (cleared,) = told(method, reading(20, bms__cell_temp_diff=9.5), reading(21, bms__cell_temp_diff=9.0))
    assert (cleared["state"], cleared["alarm_id"]) == ("cleared", raised["alarm_id"])
    assert cleared["reason"] == "cell temperature spread: back at 9 °C, no longer above 10 °C"
    assert method.state()["open"] == []
    orjson.dumps([raised, cleared])


@pytest.mark.parametrize(
    ("changes", "rule", "severity"),
    [
        ({"safety__fa2_smoke_flag": 1.0}, "smoke", "critical"),
        ({"safety__fa1_co": 80.0}, "carbon_monoxide", "critical"),
        ({"bms__cell_max_temp": 46.0}, "cell_hot", "critical"),
        ({"pcs__temp_igbt": 81.0}, "igbt_hot", "warning"),
        ({"aux__return_water_temp": 26.5}, "coolant_difference", "warning"),
        ({"bms__soc": 0.0}, "soc_low", "info"),
    ],
)
def test_every_rule_of_the_domain_is_watched(changes: dict[str, float], rule: str, severity: str) -> None:
    """A zero of SOC is a value, not a missing one."""
    found = told(Alarms(SUBJECT), *(reading(n, **changes) for n in range(3)))
    assert [(each["rule"], each["severity"]) for each in found] == [(rule, severity)]


def test_which_of_several_detectors_is_named() -> None:
    (raised,) = told(Alarms(SUBJECT), reading(0, safety__fa2_smoke_flag=1.0))
    assert raised["signal"] == "safety.fa2_smoke_flag"
    assert raised["reason"] == "smoke detector (safety.fa2_smoke_flag): 1, at or above 1"


def test_nan_neither_raises_nor_clears() -> None:
    method = Alarms(SUBJECT)
    told(method, reading(0, pcs__temp_igbt=90.0), reading(1, pcs__temp_igbt=90.0))
    assert told(method, *(reading(2 + n, pcs__temp_igbt=np.nan) for n in range(10))) == []
    assert [each["rule"] for each in method.state()["open"]] == ["igbt_hot"]


def test_a_silent_topic_is_stale_until_it_speaks() -> None:
    """From the moment at which its silence is too long, which lies between two readings."""
    method = Alarms(SUBJECT)
    nothing = {name: np.nan for name in SIGNALS if name.startswith("aux")}
    silent = [Reading(reading(n).t_ms, np.array(list((CALM | nothing).values()))) for n in range(1, 20)]
    raised, cleared = told(method, reading(0), *silent, reading(20))
    assert (raised["rule"], raised["signal"], raised["value"]) == ("stale", "aux", 900.001)
    assert raised["timestamp"] == utc(reading(0).t_ms + 900_001)
    assert raised["reason"] == f"no value of aux since {since()} UTC, for 15 min"
    assert (cleared["state"], cleared["value"]) == ("cleared", 0.0)
    assert cleared["reason"] == "aux speaks again after 20 min"


def since() -> str:
    return utc(reading(0).t_ms)[:-5].replace("T", " ")


def test_time_alone_raises_it_and_says_what_the_next_reading_would() -> None:
    """Whoever waits is told while it is silent; whoever walks through the past hears the same."""
    waited, walked = Alarms(SUBJECT), Alarms(SUBJECT)
    before, after = reading(0), reading(180)
    told(waited, before)
    assert waited.passed(before.t_ms + 900_000) == []
    early = waited.passed(before.t_ms + 900_001)
    assert {event.t_ms for event in early} == {before.t_ms + 900_001}
    assert waited.passed(before.t_ms + 5_000_000) == []
    said = [event for each in (before, after) for event in walked.update(each)]
    assert [*early, *waited.update(after)] == said
    assert [event.data["state"] for event in said] == ["raised"] * 4 + ["cleared"] * 4


def test_who_speaks_late_of_the_time_before_ends_it_no_earlier_than_it_began() -> None:
    """A source that kept its readings: they come when its silence was told already."""
    method = Alarms(SUBJECT)
    told(method, reading(0))
    (raised, *_), late = method.passed(reading(0).t_ms + 3_600_000), reading(3)
    assert {each["timestamp"] for each in told(method, late)} == {utc(raised.t_ms)}


def test_a_topic_that_never_spoke_is_not_stale() -> None:
    assert Alarms(SUBJECT).passed(2**42) == []


def test_a_spread_at_the_end_of_three_charges() -> None:
    paper = Paper(offset={"p1_v1": 0.07}, noise_v=0.0)
    method = Alarms(paper.subject)
    found = [each for day in range(4) for r in paper.day(day) for each in told(method, r) if "spread" in each["rule"]]
    assert [(each["state"], each["rule"]) for each in found] == [("raised", "cell_voltage_spread")]
    assert "70 mV, above 50 mV (70, 70, 70 mV in the last 3 charges)" in found[0]["reason"]


def test_rules_can_be_changed_while_alarms_stand() -> None:
    """Those of rules that stay as they are stay, too."""
    method = Alarms(SUBJECT)
    told(method, *(reading(n, pcs__temp_igbt=90.0, bms__soc=10.0) for n in range(3)))
    method.with_rules(RuleBook({"soc_low": 5.0}, {}))
    assert [each["rule"] for each in method.state()["open"]] == ["igbt_hot"]
    assert told(method, reading(4, pcs__temp_igbt=90.0, bms__soc=10.0)) == []


def test_a_rule_whose_signals_are_not_there_sleeps() -> None:
    state = Alarms(Subject("m1", ("meter.active_power",), 60.0)).state()
    assert set(state["asleep"]) == {rule.name for rule in RULES} - {"stale"}
    assert state["rules"] + len(state["asleep"]) == len(RULES)


def test_what_is_unpickled_goes_on_as_if_nothing_had_been() -> None:
    readings = [reading(n, bms__cell_max_temp=44.0 + n % 7) for n in range(60)]
    straight, broken = Alarms(SUBJECT), Alarms(SUBJECT)
    said: tuple[list[Event], list[Event]] = ([], [])
    for each in readings:
        broken = pickle.loads(pickle.dumps(broken))
        said[0].extend(straight.update(each))
        said[1].extend(broken.update(each))
    assert said[0] == said[1]
    assert said[0]


def test_own_rules_are_watched_like_the_others() -> None:
    own = Rule("warm", "coolant", "aux.outwater_temp", ">=", 18.0, "Cel")
    method = Alarms(SUBJECT, book=RuleBook(STANDARD.changed, {}, ((own, None),)))
    assert [each["rule"] for each in told(method, reading(0))] == ["warm"]
