"""The weak cell."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.faults.weak_cell import WeakCell
from bessline.demo.plant import standard_plant
from unit_tests.bessline.demo.conftest import Exports

WEAK = standard_plant(days=1, devices=1, seed=1).units[0].place_of(3, 17)


@pytest.mark.parametrize("seed", range(6))
def test_capacity_is_twelve_percent_under_the_median(seed: int) -> None:
    """Of that one cell; all others are as built."""
    plant = standard_plant(days=1, devices=1, seed=seed)
    unit = plant.units[0]
    before, after = unit.cells.capacity_ah, WeakCell(plant).alter(unit).cells.capacity_ah
    assert after[WEAK] == pytest.approx(0.88 * np.median(before))
    assert np.flatnonzero(before != after).tolist() == [WEAK]


def test_it_leaves_its_pack_by_40_mv_at_both_ends(day: Exports) -> None:
    """Above the median at the end of a charge, below it at the end of a discharge, from the exported millivolts."""
    current = day.read("bms1_c")
    pack = [day.read(f"bms1_p3_v{cell}") for cell in range(1, 53)]

    def deviation(instant: int) -> float:
        volts = [rows["value"][int(rows["s"].search_sorted(instant)) - 1] for rows in pack]
        return 1000 * float(volts[16] - np.median(volts))

    full, empty = (int(current.filter(way)["s"][-1]) for way in (current["value"] < 0, current["value"] > 0))
    assert deviation(full) == pytest.approx(40, abs=6)
    assert deviation(empty) == pytest.approx(-40, abs=6)


def test_the_truth_names_it_by_pack_and_cell(day: Exports) -> None:
    """Over the whole span."""
    (window,) = (fault for fault in day.truth["faults"] if fault["kind"] == "weak_cell")
    assert window["where"] == {"device_id": "bess1", "topic": "cells", "cell": "p3_v17"}
    assert (window["start"], window["end"]) == (day.truth["start"], day.truth["end"])


def test_other_units_and_small_packs_are_left_alone() -> None:
    """A place that the plant does not have has no fault and no window."""
    plant = standard_plant(days=1, devices=2, seed=1)
    small = standard_plant(days=1, devices=1, seed=1, packs=1, per_pack=4)
    assert WeakCell(plant).alter(plant.units[1]) is plant.units[1]
    assert WeakCell(small).windows() == ()
