"""From the state of a unit to what its devices say."""

from __future__ import annotations

import numpy as np

from bessline.demo.cooling import coolant
from bessline.demo.measured import auxiliary_signals, bms_signals, housing_signals
from bessline.demo.series import CellDay
from bessline.demo.site import Meter, Register


def test_the_bms_reports_extremes_and_their_difference() -> None:
    """Highest, lowest, mean and spread of the very cells."""
    volts, temps = np.array([[3.2], [3.4]], dtype=np.float32), np.array([[25.0], [28.0]], dtype=np.float32)
    cells = CellDay(volts, temps, np.array([6.6]), np.array([0.0]))
    bms = bms_signals(cells, amps=np.array([0.0]), soc=np.array([0.5, 0.5]), capacity_ah=270.0)
    assert [round(float(bms[name][0]), 3) for name in ("cell_max_v", "cell_min_v", "cell_v_diff")] == [3.4, 3.2, 0.2]
    assert [round(float(bms[name][0]), 3) for name in ("cell_ave_v", "cell_ave_c", "cell_c_diff")] == [3.3, 26.5, 3.0]


def test_soh_is_a_staircase_that_never_exceeds_100() -> None:
    """Whole percent, rounded down; a new pack above its rating is at 100."""
    one = np.ones((1, 1), dtype=np.float32)
    cells = CellDay(one, one, np.array([1.0]), np.array([0.0]))
    reported = [
        float(bms_signals(cells, amps=np.zeros(1), soc=np.zeros(2), capacity_ah=ah)["soh"][0]) for ah in (274.3, 290.0)
    ]
    assert reported == [97.0, 100.0]


def test_the_auxiliaries_are_metered() -> None:
    """Current and registers follow from the power."""
    meter = Meter(Register(imported_kwh=5.0, exported_kwh=0.0))
    aux = auxiliary_signals(meter, power_kw=np.array([3.6]))
    assert aux["aux_import_kwh"].tolist() == [5.0, 5.01]
    assert 5 < aux["aux_a"][0] < 6
    assert 0.8 < aux["aux_power_factor"][0] < 1


def test_detectors_see_no_smoke_and_transistors_are_the_warmest() -> None:
    """A healthy housing."""
    flat = np.full(3, 22.0)
    cooling = coolant(flat, heat_kw=0 * flat, shift_c=0 * flat)
    housing = housing_signals(cooling, outside_c=flat, igbt_k=np.full(4, 20.0))
    assert not housing["detector_flag"].any()
    assert (housing["pcs_igbt_c"] > housing["pcs_ambient_c"]).all()
    assert (housing["pcs_ambient_c"] > housing["room_c"]).all()
