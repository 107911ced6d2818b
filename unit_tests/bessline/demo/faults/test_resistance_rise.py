"""A cell whose resistance grows."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.drive import drive_for
from bessline.demo.faults.resistance_rise import ResistanceRise
from unit_tests.bessline.demo.faults.recorded import recorded, small_plant


def test_it_grows_evenly_over_ten_days_to_sixty_percent() -> None:
    """One cell; then it stays."""
    plant = small_plant(days=20)
    fault, unit = ResistanceRise(plant), plant.units[0]
    grown = np.array(
        [fault.drive(drive_for(unit, seed=1, day=day), unit=unit, day=day).cell_resistance for day in range(20)]
    )
    place = unit.place_of(fault.pack, fault.cell)
    assert grown[:, place] == pytest.approx([1, 1, 1, *(1.03 + 0.06 * n for n in range(10)), *[1.6] * 7])
    assert (np.delete(grown, place, axis=1) == 1).all()


def test_the_exported_voltage_drops_by_what_the_truth_says() -> None:
    """At the same current 60 % of the cell's own drop more."""
    plant = small_plant(days=14)
    fault, unit = ResistanceRise(plant), plant.units[0]
    (window,) = fault.windows()
    stem = "bms1_" + window.where["cell"]
    right, wrong = (recorded(plant, (stem, "bms1_c"), faults=faults) for faults in ((), (fault,)))
    t_s, current = right["bms1_c"]
    last = (t_s > 13 * 86_400) & (np.abs(current) > 60)
    at = np.searchsorted(right[stem].t_s, t_s[last]) - 1
    drop = float(((right[stem].value - wrong[stem].value)[at] / current[last]).mean())
    place = unit.place_of(fault.pack, fault.cell)
    ohm = float(unit.cells.resistance_ohm[place] + unit.cells.polarisation_ohm[place])
    assert window.size == {"resistance": 0.6, "over_days": 10}
    assert drop == pytest.approx(0.6 * ohm, rel=0.08)
