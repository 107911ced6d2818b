"""Coolant that is too warm."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.faults.cooling_fault import CoolingFault
from unit_tests.bessline.demo.faults.recorded import recorded, small_plant

HOUR_S = 3600


@pytest.mark.parametrize("seed", range(2))
def test_coolant_and_cells_are_six_degrees_warmer_after_eight_hours(seed: int) -> None:
    """Evenly rising, for two days in all; the cells follow and come back."""
    plant = small_plant(days=7, seed=seed)
    fault = CoolingFault(plant)
    (window,) = fault.windows()
    stems = ("ac1_outWater_t", "ac1_rtnWater_t", "bms1_p1_t2")
    right, wrong = recorded(plant, stems), recorded(plant, stems, faults=(fault,))

    def warmer(stem: str, hour: float) -> float:
        """Mean over twenty minutes."""
        t_s, value = wrong[stem]
        near = np.abs(t_s - window.start_s - hour * HOUR_S) < 600
        return float((value - right[stem].value)[near].mean())

    assert window.size == {"kelvin": 6.0, "over_hours": 8}
    assert (window.end_s - window.start_s) / HOUR_S == 48
    for stem in stems[:2]:
        shown = [warmer(stem, hour) for hour in (-1, 4, 9, 47, 49)]
        assert shown == pytest.approx([0, 3, 6, 6, 0], abs=0.1)
    assert warmer("bms1_p1_t2", -1) == pytest.approx(0, abs=0.01)
    assert warmer("bms1_p1_t2", 20) == pytest.approx(6, abs=0.2)
    assert (wrong["ac1_outWater_t"].t_s == right["ac1_outWater_t"].t_s).all()
