"""A site that needs more."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.faults.load_shift import LoadShift
from bessline.demo.plant import DAY_S
from unit_tests.bessline.demo.faults.recorded import metered, small_plant


@pytest.mark.parametrize("seed", range(3))
def test_the_load_is_a_quarter_higher_from_one_day_on(seed: int) -> None:
    """On its own meter, not a row before the day begins."""
    plant = small_plant(days=8, seed=seed)
    fault = LoadShift(plant)
    (window,) = fault.windows()
    right, wrong = (metered(plant, meter="m2", faults=faults)["com_ap"] for faults in ((), (fault,)))
    ratio = wrong.value / right.value
    assert window.size == {"load": 0.25}
    assert window.start_s % DAY_S == 0
    assert (ratio[wrong.t_s < window.start_s] == 1).all()
    np.testing.assert_allclose(ratio[wrong.t_s >= window.start_s], 1.25, rtol=0.003)


def test_the_grid_pays_for_it() -> None:
    """What the consumers need more comes through the other meter."""
    plant = small_plant(days=8)
    fault = LoadShift(plant)
    m1, m2 = (
        [metered(plant, meter=meter, faults=faults)["com_ap"].value.sum() for faults in ((), (fault,))]
        for meter in ("m1", "m2")
    )
    assert m1[1] - m1[0] == pytest.approx(m2[1] - m2[0], rel=0.02)
