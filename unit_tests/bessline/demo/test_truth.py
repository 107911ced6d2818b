"""truth.json: what was really so."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.faults import place
from bessline.demo.plant import standard_plant
from bessline.demo.truth import UnitTruth, saturation_v, truth_of
from unit_tests.bessline.demo.conftest import Exports


def test_truth_is_not_data(day: Exports) -> None:
    """It lies beside the exports and is no CSV, nor is it in a device's folder."""
    assert {path.name for path in day.path.iterdir() if path.is_file()} == {"bessline.yaml", "truth.json"}
    assert all(path.suffix == ".csv" for path in day.path.rglob("*") if path.is_file() and path.parent != day.path)


def test_charge_closes(day: Exports) -> None:
    """SOC at the end is SOC at the start less what flowed out."""
    truth = day.device()
    soc, capacity, charge = truth["soc_percent"], truth["capacity_ah"], truth["charge_ah"]
    taken_in = (soc["end"] * capacity["end"] - soc["start"] * capacity["start"]) / 100
    assert charge["in"] - charge["out"] == pytest.approx(taken_in, abs=1e-4)


def test_energy_closes(day: Exports) -> None:
    """DC is stored or heat; AC is DC less what the converter lost."""
    kwh = day.device()["energy_kwh"]
    assert kwh["dc_in"] - kwh["dc_out"] == pytest.approx(kwh["stored_change"] + kwh["cell_heat"], abs=0.01)
    assert kwh["ac_out"] - kwh["ac_in"] == pytest.approx(kwh["dc_out"] - kwh["dc_in"] - kwh["pcs_loss"], abs=1e-4)
    assert 0.85 < kwh["ac_out"] / kwh["ac_in"] < 1.0


def test_registers_count_the_true_energy(day: Exports) -> None:
    """The auxiliaries' register moves by the truth, but for the seconds before its first and after its last row."""
    register = day.read("aux_m_pos_ae")["value"]
    assert register[-1] - register[0] == pytest.approx(day.device()["energy_kwh"]["auxiliaries"], abs=0.12)


def test_exported_power_integrates_to_the_true_energy(day: Exports) -> None:
    """Each way apart, at the native rate."""
    rows = day.read("pcs1_ap")
    hours, power = np.diff(rows["s"].to_numpy()) / 3600, rows["value"].to_numpy()[:-1]
    kwh = day.device()["energy_kwh"]
    assert float((np.clip(power, 0, None) * hours).sum()) == pytest.approx(kwh["ac_out"], rel=0.02)
    assert float((np.clip(-power, 0, None) * hours).sum()) == pytest.approx(kwh["ac_in"], rel=0.02)


def test_hourly_soc_begins_with_the_span(day: Exports) -> None:
    """24 values a day, the first one at the start."""
    soc = day.device()["soc_percent"]
    assert len(soc["hourly"]["values"]) == 24
    assert soc["hourly"]["start"] == day.truth["start"] == "2024-04-30T16:00:00Z"
    assert soc["hourly"]["values"][0] == pytest.approx(soc["start"])


def test_every_cell_has_its_own_fade(day: Exports) -> None:
    """260 cells by name, each with rates a year."""
    cells = day.device()["cells"]
    assert len(cells) == 260
    assert len({cell["capacity_per_year"] for cell in cells.values()}) > 200
    assert all(cell["capacity_per_year"] < 0 < cell["resistance_per_year"] for cell in cells.values())


def test_saturation_slope_is_the_difference_of_two_ends() -> None:
    """A cell's true slope is what its end-of-charge voltage does over the span."""
    unit = standard_plant(days=365, devices=1, seed=1).units[0]
    cells = UnitTruth(unit).as_json(365)["cells"]
    assert isinstance(cells, dict)
    moved = saturation_v(unit, years=365 / 365.25) - saturation_v(unit, years=0.0)
    place = unit.place_of(2, 9)
    assert cells["p2_v9"]["saturation_v_per_year"] * 365 / 365.25 == pytest.approx(moved[place], abs=1e-6)


def test_the_truth_names_its_version_seed_zone_and_faults() -> None:
    """What a reader needs before anything else."""
    plant = standard_plant(days=7, devices=1, seed=9)
    truth = truth_of(plant, units=[], faults=place("weak_cell,dropout", plant))
    assert (truth["schema_version"], truth["seed"], truth["timezone"]) == (1, 9, "Asia/Shanghai")
    assert isinstance(truth["faults"], list)
    assert [fault["kind"] for fault in truth["faults"]] == ["weak_cell", "dropout", "dropout"]
