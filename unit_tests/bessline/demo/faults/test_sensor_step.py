"""A sensor that reads too much."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.faults.sensor_step import SensorStep
from unit_tests.bessline.demo.faults.recorded import recorded, small_plant


@pytest.mark.parametrize("seed", range(3))
def test_one_voltage_is_15_mv_higher_from_one_moment_on(seed: int) -> None:
    """By the size that the truth names, to the millivolt of the export, and no other cell."""
    plant = small_plant(days=6, seed=seed)
    fault = SensorStep(plant)
    (window,) = fault.windows()
    stems = [f"bms1_p1_v{cell}" for cell in range(1, 5)]
    right, wrong = recorded(plant, stems), recorded(plant, stems, faults=(fault,))
    for stem in stems:
        size = window.size["volts"] if stem == "bms1_" + window.where["cell"] else 0.0
        step = np.where(wrong[stem].t_s >= window.start_s, size, 0.0)
        np.testing.assert_allclose(wrong[stem].value - right[stem].value, step, atol=0.0011)
        after = (wrong[stem].value - right[stem].value)[wrong[stem].t_s >= window.start_s]
        assert after.mean() == pytest.approx(size, abs=1e-4)


def test_it_lasts_to_the_end() -> None:
    """Nobody mends it."""
    plant = small_plant(days=9)
    assert SensorStep(plant).windows()[0].end_s == plant.span_s
