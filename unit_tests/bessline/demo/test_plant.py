"""What a plant is made of."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.plant import CELL_EMPTY, CELL_FULL, SOC_EMPTY, SOC_FULL, Unit, random_for, standard_plant, utc_text


@pytest.fixture
def unit() -> Unit:
    return standard_plant(days=1, devices=1, seed=3).units[0]


def test_the_first_full_cell_ends_the_charge(unit: Unit) -> None:
    """At a SOC of 97 % exactly one cell is full, and none is fuller."""
    held = unit.cells.empty_ah + SOC_FULL * unit.cells.pack_capacity_after(0.0)
    assert (held / unit.cells.capacity_ah).max() == pytest.approx(CELL_FULL)


def test_the_first_empty_cell_ends_the_discharge(unit: Unit) -> None:
    """At a SOC of 2 % exactly one cell is empty, and none is emptier."""
    held = unit.cells.empty_ah + SOC_EMPTY * unit.cells.pack_capacity_after(0.0)
    assert (held / unit.cells.capacity_ah).min() == pytest.approx(CELL_EMPTY)


def test_a_pack_fades_with_its_cells(unit: Unit) -> None:
    """A year costs the pack between 1 and 3 % of its charge."""
    lost = 1 - unit.cells.pack_capacity_after(1.0) / unit.cells.pack_capacity_after(0.0)
    assert 0.01 < lost < 0.03


def test_a_pack_is_260_cells_and_233_kwh(unit: Unit) -> None:
    """Five packs of 52 cells of about 280 Ah."""
    assert len(unit.cell_names) == 260
    assert unit.cell_names[unit.place_of(3, 17)] == (3, 17)
    assert np.abs(unit.cells.capacity_ah - 284).max() < 3


def test_only_the_first_unit_exports_its_cells() -> None:
    """Single cells are bulky: one unit with them is enough."""
    assert [unit.exports_cells for unit in standard_plant(days=1, devices=3, seed=1).units] == [True, False, False]


def test_each_thing_has_its_own_random_numbers() -> None:
    """Another name gives other numbers, the same name the same."""
    assert random_for(1, "a", 2).random() == random_for(1, "a", 2).random()
    assert random_for(1, "a", 2).random() != random_for(1, "a", 3).random()
    assert random_for(1, "a", 2).random() != random_for(2, "a", 2).random()


def test_the_start_is_local_midnight() -> None:
    """Midnight in Shanghai is four in the afternoon of the day before in UTC."""
    assert utc_text(0) == "2024-04-30T16:00:00Z"
    assert utc_text(86_400) == "2024-05-01T16:00:00Z"
