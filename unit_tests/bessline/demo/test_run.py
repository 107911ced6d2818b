"""A plant on its way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bessline.demo.faults import Fault, FaultWindow
from bessline.demo.plant import STEPS, Plant, Unit, standard_plant
from bessline.demo.run import SiteRun, UnitRun


class Lower(Fault):
    """Halves every capacity."""

    name = "lower"

    def __init__(self, plant: Plant, *, first_day: int = 0) -> None:
        pass

    def windows(self) -> tuple[FaultWindow, ...]:
        return ()

    def alter(self, unit: Unit) -> Unit:
        return replace(unit, cells=replace(unit.cells, capacity_ah=unit.cells.capacity_ah / 2))


def plant() -> Plant:
    return standard_plant(days=2, devices=2, seed=1, packs=1, per_pack=2)


def test_a_unit_goes_on_where_its_day_ended() -> None:
    """Charge is carried over midnight."""
    run = UnitRun(plant().units[0], plant=plant(), faults=())
    first, second = run.run(0), run.run(1)
    assert second["soc"][0] == pytest.approx(first["soc"][-1], abs=0.01)


def test_only_a_unit_that_exports_its_cells_gives_their_signals() -> None:
    """Two voltages and two temperatures for two cells, or none."""
    with_cells, without = (UnitRun(unit, plant=plant(), faults=()).run(0) for unit in plant().units)
    assert {name for name in with_cells if name not in without} == {"p1_v1", "p1_v2", "p1_t1", "p1_t2"}


def test_a_fault_builds_the_unit() -> None:
    """What `alter` gives is what runs, and what its truth tells."""
    run = UnitRun(plant().units[0], plant=plant(), faults=(Lower(plant()),))
    assert run.unit.cells.capacity_ah.max() < 150
    assert run.truth.unit is run.unit


def test_the_grid_meter_takes_what_the_units_take() -> None:
    """Ten kilowatts into the units are ten more from the grid and none more on the consumers' meter."""
    idle, busy = (SiteRun(plant(), faults=()).run(0, units_kw=np.full(STEPS, kw)) for kw in (0.0, 10.0))
    np.testing.assert_allclose(busy["m1"]["power_kw"] - idle["m1"]["power_kw"], 10.0)
    np.testing.assert_array_equal(busy["m2"]["power_kw"], idle["m2"]["power_kw"])
