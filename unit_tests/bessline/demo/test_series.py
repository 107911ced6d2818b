"""Cells in series."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bessline.demo.drive import Drive, drive_for
from bessline.demo.plant import STEPS, Unit, standard_plant
from bessline.demo.series import CellDay, Flow, run_cells, stored_change_kwh


@pytest.fixture
def unit() -> Unit:
    return standard_plant(days=1, devices=1, seed=1, packs=2, per_pack=3).units[0]


def run(unit: Unit, *, amps: float, drive: Drive | None = None) -> CellDay:
    charge = np.linspace(140.0, 140.0 - amps * 24, STEPS + 1)
    flow = Flow(np.full(STEPS, amps), charge, np.full(STEPS + 1, amps), np.full(STEPS + 1, 25.0), np.zeros(STEPS + 1))
    return run_cells(unit.cells, drive=drive or drive_for(unit, seed=1, day=0), years=0.0, flow=flow)


def test_the_pack_is_the_sum_of_its_cells(unit: Unit) -> None:
    """Cells in series share the current and add their voltages."""
    cells = run(unit, amps=2.0)
    np.testing.assert_allclose(cells.pack_v, cells.volts.sum(axis=0), rtol=1e-6)


def test_a_current_costs_voltage_and_makes_heat(unit: Unit) -> None:
    """Discharging pulls a cell below its rest, charging lifts it above, and both warm it."""
    out, rest, in_ = (run(unit, amps=amps) for amps in (2.0, 0.0, -2.0))
    assert (out.volts[:, 0] < rest.volts[:, 0]).all()
    assert (in_.volts[:, 0] > rest.volts[:, 0]).all()
    assert out.heat_w[0] > 0
    assert in_.heat_w[0] == pytest.approx(out.heat_w[0])


def test_one_cells_resistance_moves_only_that_cell(unit: Unit) -> None:
    """The factor of a fault counts for its own cell."""
    drive = drive_for(unit, seed=1, day=0)
    factor = drive.cell_resistance.copy()
    factor[4] = 1.6
    changed = run(unit, amps=2.0, drive=dataclasses.replace(drive, cell_resistance=factor)).volts
    moved = (changed != run(unit, amps=2.0).volts).all(axis=1)
    assert moved.tolist() == [False, False, False, False, True, False]


def test_charging_and_back_stores_nothing(unit: Unit) -> None:
    """Stored energy is a function of the state alone."""
    up, round_trip = np.array([50.0, 90.0]), np.array([50.0, 90.0, 50.0])
    assert stored_change_kwh(unit.cells, years=0.0, charge=round_trip) == 0.0
    per_cell = stored_change_kwh(unit.cells, years=0.0, charge=up) / 6
    assert per_cell == pytest.approx(40 * 3.27 / 1000, rel=0.02)
