"""Which cell a fault takes."""

from __future__ import annotations

import numpy as np

from bessline.demo.faults.cells import WEAK, any_cell, unit_with_cells
from bessline.demo.plant import Plant, standard_plant


def test_any_cell_but_the_weak_one() -> None:
    """So that a found fault tells by its cell which it is."""
    unit = standard_plant(days=1, devices=1, seed=1).units[0]
    rng = np.random.default_rng(1)
    taken = {any_cell(unit, rng=rng) for _ in range(3000)}
    assert taken == set(unit.cell_names) - {WEAK}


def test_the_unit_is_one_whose_cells_can_be_seen() -> None:
    """A plant without any has no place."""
    plant = standard_plant(days=1, devices=2, seed=1)
    assert unit_with_cells(plant) is plant.units[0]
    assert unit_with_cells(Plant(days=1, seed=1, units=plant.units[1:])) is None
