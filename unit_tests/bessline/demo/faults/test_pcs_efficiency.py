"""A converter that loses more."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.faults.pcs_efficiency import PcsEfficiency
from bessline.demo.plant import DAY_S, Plant
from bessline.demo.run import UnitRun
from unit_tests.bessline.demo.faults.recorded import recorded, small_plant


def losses_share(plant: Plant, fault: PcsEfficiency | None, *, day: int) -> float:
    """What the converter loses of the power that flows, over one day of the simulation."""
    run = UnitRun(plant.units[0], plant=plant, faults=(fault,) if fault else ())
    for number in range(day + 1):
        signals = run.run(number)
    dc = signals["pcs_dc_v"] * signals["pcs_dc_a"] / 1000
    running = dc != 0
    return float((dc - signals["pcs_ac_kw"])[running].sum() / np.abs(dc[running]).sum())


def test_two_and_a_half_points_are_lost_after_three_days() -> None:
    """Nothing before, half of it halfway, all of it to the end."""
    plant = small_plant(days=8)
    fault = PcsEfficiency(plant)
    (window,) = fault.windows()
    first = window.start_s // DAY_S
    assert window.size == {"efficiency": -0.025, "over_days": 3}
    more = [losses_share(plant, fault, day=day) - losses_share(plant, None, day=day) for day in (first - 1, first + 4)]
    assert more == pytest.approx([0.0, 0.025], abs=1e-9)


def test_the_exported_power_shows_it() -> None:
    """Less comes out and more goes in; what the battery gives is the same."""
    plant = small_plant(days=7)
    fault = PcsEfficiency(plant)
    right, wrong = (recorded(plant, ("pcs1_ap", "pcs1_dcc"), faults=faults) for faults in ((), (fault,)))
    late = right["pcs1_ap"].t_s > fault.windows()[0].start_s + 2.9 * DAY_S
    assert (wrong["pcs1_ap"].value[late] <= right["pcs1_ap"].value[late]).all()
    assert (wrong["pcs1_ap"].value[late] < right["pcs1_ap"].value[late]).any()
    np.testing.assert_array_equal(right["pcs1_dcc"].value, wrong["pcs1_dcc"].value)
