"""Signals that follow from others."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bessline.analytics import Subject
from bessline.analytics.detectors.relations import RELATIONS, TO_SD, Relations
from unit_tests.bessline.analytics.string import DAY, HOUR, SUBJECT, String, scored, string

#: Only those of the converter's loss.
LOSSES = tuple(each for each in RELATIONS if each.target == "loss")


def first_beyond(detector: Relations, plant: String, channel: str) -> int:
    score = scored(detector, plant)[:, detector.channels.index(channel)]
    beyond = np.flatnonzero(score > 7)
    assert not (beyond < 6 * DAY).any()
    return int(beyond[0]) - 6 * DAY if len(beyond) else -1


def test_a_healthy_plant_stays_low() -> None:
    assert np.nanmax(scored(Relations(SUBJECT), string(7))) < 5


def test_warm_coolant_is_told_from_warm_weather() -> None:
    plant, detector = string(8), Relations(SUBJECT)
    plant["aux.outside_temp"][6 * DAY :] += 5
    plant["aux.outwater_temp"][6 * DAY :] += 0.5
    plant["aux.return_water_temp"][6 * DAY :] += 0.5
    assert first_beyond(detector, plant, "aux.outwater_temp") == -1
    plant["aux.outwater_temp"][6 * DAY :] += 3
    plant["aux.return_water_temp"][6 * DAY :] += 3
    assert 0 < first_beyond(Relations(SUBJECT), plant, "aux.outwater_temp") < HOUR


def test_a_converter_that_loses_more_is_found_when_it_runs() -> None:
    plant, detector = string(8), Relations(SUBJECT)
    power = plant["pcs.apparent_power"]
    power[6 * DAY :] -= 0.1 * np.abs(power[6 * DAY :])
    first = first_beyond(detector, plant, "pcs.apparent_power")
    assert 8 * HOUR < first < 8 * HOUR + 2 * HOUR
    scored(detector := Relations(SUBJECT), String(plant.values[: 6 * DAY + 10 * HOUR], plant.amps))
    words = detector.explain(detector.channels.index("pcs.apparent_power")).reason
    pattern = (
        "loss of the converter # kW \\(mean of the last 15 minutes\\), # kW over the # kW that its DC power "
        "\\(volts x amperes\\) lets expect, # times the usual # kW: efficiency # points lower at 3 kW DC"
    )
    assert re.fullmatch(pattern.replace("#", r"[\d.]+"), words), words


@pytest.mark.parametrize("begin", [8, 16])
def test_two_and_a_half_points_of_efficiency_are_found_charging_and_discharging(begin: int) -> None:
    plant = string(8)
    plant["pcs.dc_current"][:] *= 20
    plant["pcs.apparent_power"][:] *= 20
    power, hour = plant["pcs.apparent_power"], np.arange(len(plant.amps)) / HOUR % 24
    lost = (np.arange(len(power)) >= 6 * DAY) & (hour >= begin) & (hour < begin + 4)
    power[lost] -= 0.025 * np.abs(power[lost])
    assert begin * HOUR < first_beyond(Relations(SUBJECT), plant, "pcs.apparent_power") < (begin + 2) * HOUR


def restless(days: int) -> String:
    """A plant whose power differs from day to day, by up to 15 %; its converter loses by a quadratic in the power."""
    plant = string(days)
    share = 20 * np.repeat(1 + 0.15 * np.sin(2.4 * np.arange(days)), DAY)
    dc_kw = plant["pcs.dc_voltage"] * plant.amps * share / 1000
    noise = 0.02 * np.random.default_rng(2).standard_normal(len(dc_kw))
    plant["pcs.dc_current"][:] = plant.amps * share
    plant["pcs.apparent_power"][:] = dc_kw - (dc_kw != 0) * (0.6 + 0.01 * np.abs(dc_kw) + 1.2e-4 * dc_kw**2 + noise)
    return plant


def test_a_loss_is_expected_alike_whatever_the_highest_power_of_the_day() -> None:
    """Its usual distance is the noise of its mean, not the wobble of a yardstick."""
    scored(detector := Relations(SUBJECT, relations=LOSSES), restless(12))
    assert TO_SD * detector._spread[0] < 0.02


def test_an_efficiency_that_falls_slowly_is_found_before_it_is_learned() -> None:
    """2.5 points over three days; found before the first half point is lost."""
    plant = restless(12)
    power = plant["pcs.apparent_power"]
    grown = np.clip((np.arange(len(power)) / DAY - 6) / 3, 0, 1)
    power -= 0.025 * grown * np.abs(power)
    first = first_beyond(Relations(SUBJECT, relations=LOSSES), plant, "pcs.apparent_power")
    assert 0 < 2.5 * first / (3 * DAY) < 0.5


def test_a_converter_at_rest_has_no_efficiency() -> None:
    plant = string(8)
    plant["pcs.apparent_power"][6 * DAY :][plant.amps[6 * DAY :] == 0] -= 0.5
    assert first_beyond(Relations(SUBJECT), plant, "pcs.apparent_power") == -1


def test_a_state_of_charge_that_does_not_follow_the_charge_is_found() -> None:
    """It stands still while 60 A flow; the capacity was learned, whatever the nameplate says."""
    plant, detector = string(8), Relations(SUBJECT)
    soc = plant["bms.soc"]
    soc[6 * DAY + 9 * HOUR : 6 * DAY + 12 * HOUR] = soc[6 * DAY + 9 * HOUR]
    first = first_beyond(detector, plant, "bms.soc")
    assert 9 * HOUR < first < 10 * HOUR
    stuck = plant.values[: 6 * DAY + 10 * HOUR]
    scored(again := Relations(SUBJECT), String(stuck, plant.amps))
    words = again.explain(again.channels.index("bms.soc")).reason
    assert words.startswith("change of the state of charge within an hour ")
    assert " % under the " in words
    assert "the charge that flowed (current x time) lets expect" in words


def test_a_state_of_charge_in_whole_percents_and_a_hole_of_hours_are_no_oddness() -> None:
    plant, detector = string(8), Relations(SUBJECT)
    plant.values[6 * DAY + 9 * HOUR : 6 * DAY + 11 * HOUR] = np.nan
    score = scored(detector, plant)[:, detector.channels.index("bms.soc")]
    assert np.nanmax(score) < 4


def test_a_pack_voltage_that_is_not_the_sum_of_its_cells_is_found() -> None:
    plant, detector = string(8), Relations(SUBJECT)
    plant["bms.voltage"][6 * DAY :] += 2.0
    assert 0 < first_beyond(detector, plant, "bms.voltage") < HOUR


def test_one_reading_of_another_moment_is_no_oddness() -> None:
    plant = string(8)
    plant["bms.voltage"][6 * DAY + 10 * HOUR] += 40.0
    assert first_beyond(Relations(SUBJECT), plant, "bms.voltage") == -1


def test_a_change_is_learned() -> None:
    """It is said, and then it is usual."""
    plant = string(16)
    plant["bms.voltage"][4 * DAY :] += 1.0
    score = scored(detector := Relations(SUBJECT), plant)[:, detector.channels.index("bms.voltage")]
    assert np.nanmax(score) > 7
    assert np.nanmax(score[-DAY:]) < np.nanmax(score) / 2


def test_only_relations_whose_signals_there_are_are_kept() -> None:
    few = Relations(Subject("b", ("bms.voltage", "pcs.dc_voltage"), 60.0))
    assert few.channels == ("pcs.dc_voltage",)
    assert Relations(Subject("b", ("pcs.dc_voltage",), 60.0)).channels == ()


def test_the_fit_is_least_squares() -> None:
    """Against numpy's own on the same rows."""
    plant, detector = string(3), Relations(SUBJECT, relations=LOSSES)
    scored(detector, plant)
    running = plant.amps != 0
    size = np.abs(plant["bms.voltage"] * plant.amps / 1000)[running]
    loss = (plant["bms.voltage"] * plant.amps / 1000 - plant["pcs.apparent_power"])[running]
    fitted, highest = np.polynomial.Polynomial.fit(size, loss, 2), size.max()
    expected = np.polynomial.Polynomial(detector._factors[0, :3])(highest)
    assert expected == pytest.approx(fitted(highest), rel=0.03)
