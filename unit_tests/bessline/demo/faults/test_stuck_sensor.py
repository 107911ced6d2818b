"""A sensor that stands still."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.faults.stuck_sensor import StuckSensor
from unit_tests.bessline.demo.faults.recorded import recorded, small_plant


@pytest.mark.parametrize("seed", range(3))
def test_one_temperature_is_constant_for_18_hours(seed: int) -> None:
    """Before and after it, and beside it, all is as without the fault."""
    plant = small_plant(days=4, seed=seed)
    fault = StuckSensor(plant)
    (window,) = fault.windows()
    stems = [f"bms1_p1_t{cell}" for cell in range(1, 5)]
    right, wrong = recorded(plant, stems), recorded(plant, stems, faults=(fault,))
    stuck = "bms1_" + window.where["cell"]
    assert window.end_s - window.start_s == 18 * 3600
    t_s, value = wrong[stuck]
    within = (t_s >= window.start_s) & (t_s < window.end_s)
    assert within.sum() > 1400
    assert len(np.unique(value[within])) == 1
    np.testing.assert_array_equal(value[~within], right[stuck].value[~within])
    for stem in set(stems) - {stuck}:
        np.testing.assert_array_equal(wrong[stem].value, right[stem].value)


def test_it_stands_at_what_it_said_last() -> None:
    """The first value of the window, so there is no jump when it begins."""
    plant = small_plant(days=4)
    fault = StuckSensor(plant)
    stem = "bms1_" + fault.windows()[0].where["cell"]
    right, wrong = (recorded(plant, [stem], faults=faults)[stem] for faults in ((), (fault,)))
    first = int(np.searchsorted(wrong.t_s, fault.start_s))
    assert wrong.value[first] == right.value[first] == wrong.value[first + 500]


def test_a_span_too_short_has_no_fault() -> None:
    """Nothing is said and nothing is done."""
    plant = small_plant(days=3)
    fault, value = StuckSensor(plant), np.arange(3.0)
    t_s = fault.start_s + np.arange(3)
    assert fault.windows() == ()
    assert fault.observe(value, device_id="bess1", stem=f"bms1_p1_t{fault.cell}", t_s=t_s) is value
