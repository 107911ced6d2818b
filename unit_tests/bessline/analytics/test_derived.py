"""What alarms watch besides signals."""

import numpy as np
import pytest

from bessline.analytics import Reading, Subject
from bessline.analytics.derived import ChargeSpread, Derived, Measure, Silence, matching, worst
from unit_tests.bessline.analytics.charging import Paper

SUBJECT = Subject("b1", ("bms.soc", "aux.outwater_temp", "bms.voltage", "aux.return_water_temp"), 30.0)
NAN = np.nan


def told(method: Derived, t_ms: int, *values: float) -> dict[str, float]:
    return {
        each.name: each.value for each in method.update(Reading(t_ms, np.array(values))) if each.value == each.value
    }


def test_the_coolant_difference_needs_both_ends() -> None:
    method = Derived(SUBJECT)
    assert told(method, 0, 50.0, 18.0, 850.0, 27.5) == {"derived.coolant_difference": 9.5}
    assert told(method, 30_000, 50.0, NAN, 850.0, 27.5) == {}


def test_the_temperature_spread_is_that_of_the_bms_else_of_the_cells() -> None:
    cells = ("cells.p1_t1", "cells.p1_t2", "cells.p1_v1")
    assert told(Derived(Subject("b", cells, 30.0)), 0, 20.0, 31.5, 3.3) == {"derived.cell_temp_spread": 11.5}
    assert told(Derived(Subject("b", cells, 30.0)), 0, 20.0, NAN, 3.3) == {}
    both = Derived(Subject("b", (*cells, "bms.cell_temp_diff"), 30.0))
    assert told(both, 0, 20.0, 31.5, 3.3, 7.0) == {"derived.cell_temp_spread": 7.0}


def test_the_end_of_a_silence_is_told() -> None:
    silence = Silence(SUBJECT)
    heard = [
        (reading.t_ms, *each)
        for reading in (
            Reading(0, np.array([50.0, 18.0, 850.0, 27.0])),
            Reading(60_000, np.array([NAN, 18.0, 850.0, NAN])),
            Reading(90_000, np.array([NAN, 18.0, NAN, NAN])),
            Reading(150_000, np.array([NAN, 18.0, NAN, NAN])),
            Reading(180_000, np.array([0.0, 18.0, NAN, NAN])),
        )
        for each in silence.update(reading)
    ]
    assert heard == [(180_000, "derived.silence", 0.0, "bms", "", 1.0)]


def test_a_topic_that_never_spoke_is_not_silent() -> None:
    silence = Silence(SUBJECT)
    for n in range(2):
        told = silence.update(Reading(n * 3_600_000, np.array([1.0, NAN, 1.0, NAN])))
        assert told == [Measure("derived.silence", 0.0, "bms")] * n
    assert dict(zip(silence.topics, silence.last_ms, strict=True)) == {"bms": 3_600_000, "aux": None}


def test_the_spread_of_three_charges_is_their_least() -> None:
    paper = Paper(offset={"p1_v1": 0.06}, noise_v=0.0)
    spread = ChargeSpread(paper.subject)
    found = [each for day in range(4) for reading in paper.day(day) if (each := spread.update(reading)) is not None]
    assert len(found) == 2
    assert found[0].value == pytest.approx(0.06, abs=1e-3)
    assert found[0].evidence == "60, 60, 60 mV in the last 3 charges"


def test_what_a_device_can_have() -> None:
    assert Derived(SUBJECT).names == {"derived.silence", "derived.coolant_difference"}
    assert "derived.cell_voltage_spread" in Derived(Paper().subject).names
    assert Derived(Subject("x", (), 30.0)).names == frozenset()
    power = ("bms.soc", "pcs.dc_current", "pcs.dc_voltage", "pcs.apparent_power")
    drops = {"derived.pcs_efficiency_drop", "derived.round_trip_drop"}
    assert Derived(Subject("x", power, 30.0)).names == {"derived.silence", *drops}


def test_the_worst_value_is_found_by_its_side() -> None:
    values = np.array([NAN, 3.0, 5.0])
    assert (worst(values, sign=1.0), worst(values, sign=-1.0)) == (2, 1)
    assert (worst(np.array([NAN]), sign=1.0), worst(np.empty(0), sign=1.0)) == (-1, -1)


def test_a_star_stands_for_any_part_of_a_name() -> None:
    names = ("safety.fa1_co", "safety.fa2_co", "safety.fa1_voc", "safety.co")
    assert matching(names, "safety.fa*_co") == [0, 1]
    assert matching(names, "safety.co") == [3]
    assert matching(names, "safety.fa1_co*_co") == []
