"""The degradation summary: one event a charge, honest nulls, the drifting cell among the worst, by name."""

from __future__ import annotations

import pickle
from functools import cache
from typing import Any

import numpy as np
import orjson
import pytest

from bessline.analytics import Event, Reading, Subject
from bessline.analytics.degradation import Degradation
from unit_tests.bessline.analytics.charging import PACK, Paper

CONTRACT = {
    "device_id", "timestamp", "cells", "slope_v_per_year", "worst", "soh", "equivalent_full_cycles", "projection",
    "evidence", "coverage",
}  # fmt: skip
DRIFT = Paper(drift={"p2_v3": -0.12}, offset={"p1_v5": 0.04})


def events_of(method: Degradation, *days: int, paper: Paper = DRIFT) -> list[Event]:
    return [event for day in days for reading in paper.day(day) for event in method.update(reading)]


@cache
def a_month() -> tuple[dict[str, Any], ...]:
    return tuple(dict(event.data) for event in events_of(Degradation(DRIFT.subject), *range(20)))


def test_every_full_charge_is_told_once() -> None:
    assert len(a_month()) == 20
    assert all(set(data) == CONTRACT and data["cells"] == 12 for data in a_month())
    assert len({data["timestamp"][:10] for data in a_month()}) == 20
    orjson.dumps(a_month())


def test_a_trend_waits_for_its_evidence() -> None:
    """Before, the values are null and a sentence says what is missing; the worst are ranked by where they stand."""
    first = a_month()[0]
    assert first["slope_v_per_year"] == {"median": None, "lower": None, "upper": None}
    assert first["evidence"].startswith("Rests on 1 charge over 0 days; a trend needs 8 over 10 days")
    assert first["worst"][0] == {"cell": "p1_v5", "slope": None, "lower": None, "upper": None, "rank": 1}


def test_the_drifting_cell_is_named_with_its_slope() -> None:
    last = a_month()[-1]
    by_name = {each["cell"]: each for each in last["worst"]}
    assert [each["rank"] for each in last["worst"]] == [1, 2, 3, 4, 5]
    assert by_name["p2_v3"]["lower"] < -0.12 < by_name["p2_v3"]["upper"] < 0
    assert by_name["p2_v3"]["slope"] == pytest.approx(-0.12, rel=0.25)
    slope = last["slope_v_per_year"]
    assert slope["lower"] <= 0 <= slope["upper"]


def test_the_highest_cell_is_said_to_be_censored() -> None:
    assert "p1_v5 is the highest in 100% of them and so stops the charge" in a_month()[-1]["evidence"]
    assert "p1_v5 stands 40 mV above its pack" in a_month()[-1]["evidence"]


def test_cycles_and_health_are_kept_apart() -> None:
    last = a_month()[-1]
    assert last["equivalent_full_cycles"] == pytest.approx(39 * 224 / 500, rel=0.02)
    assert (last["soh"]["bms"], last["soh"]["measured"], last["projection"]) == (99.0, None, [])
    assert last["coverage"] == 1.0
    method = Degradation(DRIFT.subject, nominal_ah=250.0)
    assert events_of(method, 0)[0].data["soh"]["measured"] == pytest.approx(100.0, abs=1.0)


def test_what_is_unpickled_goes_on_as_if_nothing_had_been() -> None:
    """In the middle of a charge."""
    readings = [reading for day in range(2) for reading in DRIFT.day(day)]
    straight, broken = Degradation(DRIFT.subject), Degradation(DRIFT.subject)
    for n, reading in enumerate(readings):
        if n == 2880 + 515:
            broken = pickle.loads(pickle.dumps(broken))
        assert straight.update(reading) == broken.update(reading)
    assert straight.state() == broken.state()


def test_the_state_changes_nothing() -> None:
    method = Degradation(DRIFT.subject)
    assert method.state() == {}
    events_of(method, 0)
    before = pickle.dumps(method)
    assert method.state()["evidence"]
    assert pickle.dumps(method) == before


@pytest.mark.parametrize("signals", [(), ("bms.soc",), PACK, ("cells.p1_v1",)])
def test_a_device_without_the_signals_says_nothing(signals: tuple[str, ...]) -> None:
    method = Degradation(Subject("m1", signals, 30.0))
    rng = np.random.default_rng(1)
    for n in range(300):
        value = np.where(rng.random(len(signals)) < 0.3, np.nan, 1.0)
        assert method.update(Reading(n * 30_000, value)) == ()
    assert method.state()["equivalent_full_cycles"] is None


def test_ends_at_another_current_begin_anew() -> None:
    """Cells are compared at one current; nothing is mixed."""
    method = Degradation(DRIFT.subject)
    events_of(method, *range(3))
    fast = Paper(offset=DRIFT.offset)
    told: list[Event] = []
    for day in range(3, 10):
        for reading in fast.day(day):
            value = reading.value.copy()
            value[1] = 3 * value[1] if -40 < value[1] < 0 else value[1]
            told += method.update(Reading(reading.t_ms, value))
    assert len(told) == 2
    assert "Rests on 2 charges" in told[-1].data["evidence"]
