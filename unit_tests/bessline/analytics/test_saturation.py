"""The end-of-charge voltage is that of the end, cell by cell, and missing where it was not measured."""

import numpy as np
import pytest

from bessline.analytics.saturation import CellLayout, end_of_charge, median
from bessline.sources.base import Float64

LAYOUT = CellLayout.of(tuple(f"cells.p{pack}_v{cell}" for pack in (1, 2) for cell in range(1, 6)))
T_MS = np.arange(10, dtype=np.int64) * 30_000
AMPS = np.linspace(20, 14, 10)


def ramp(end_v: Float64, per_tick: Float64) -> Float64:
    return end_v + np.arange(-9, 1)[:, None] * per_tick


def test_each_cell_is_followed_to_the_end() -> None:
    """Cells that climb at different rates are compared where the charge ended, not half a window before."""
    end = 3.4 + np.linspace(0, 0.009, 10)
    found = end_of_charge(ramp(end, np.linspace(0.0005, 0.002, 10)), LAYOUT, t_ms=T_MS, amps=AMPS)
    assert found is not None
    assert found.deviation[:5] == pytest.approx(end[:5] - end[2], abs=2e-5)
    assert found.deviation[5:] == pytest.approx(end[5:] - end[7], abs=2e-5)
    assert found.voltage == pytest.approx(end - 4.5 * np.linspace(0.0005, 0.002, 10))


def test_values_that_lag_are_followed_a_little_farther() -> None:
    """A reading holds what was measured some seconds before."""
    late = ramp(np.full(10, 3.4), np.linspace(0.0, 0.003, 10))
    found = end_of_charge(late, LAYOUT, t_ms=T_MS, amps=np.full(10, 14.0), lag_s=30.0)
    assert found is not None
    assert found.deviation[4] == pytest.approx(0.003 * 2 / 9, abs=1e-6)


def test_a_cell_without_values_stays_missing() -> None:
    volts = ramp(np.full(10, 3.4), np.zeros(10))
    volts[4, 3] = np.nan
    found = end_of_charge(volts, LAYOUT, t_ms=T_MS, amps=AMPS)
    assert found is not None
    assert np.flatnonzero(np.isnan(found.deviation)).tolist() == [3]


def test_too_few_ticks_say_nothing() -> None:
    volts = ramp(np.full(10, 3.4), np.zeros(10))
    assert end_of_charge(volts[:2], LAYOUT, t_ms=T_MS[:2], amps=AMPS[:2]) is None
    assert end_of_charge(volts * np.nan, LAYOUT, t_ms=T_MS, amps=AMPS) is None
    assert end_of_charge(np.empty((0, 10)), LAYOUT, t_ms=T_MS[:0], amps=AMPS[:0]) is None


def test_the_layout_knows_packs_by_their_number() -> None:
    layout = CellLayout.of(("bms.soc", "cells.p10_v1", "cells.p2_t1", "cells.p2_v1"))
    assert (layout.names, layout.columns.tolist(), layout.pack.tolist()) == (("p10_v1", "p2_v1"), [1, 3], [1, 0])
    assert CellLayout.of(("bms.soc",)).packs == 0


def test_the_median_leaves_nan_out() -> None:
    values = np.array([[1.0, np.nan, 3.0, 10.0], [np.nan, 5.0, np.nan, np.nan]])
    assert median(values, axis=1).tolist() == [3.0, 5.0]
    assert median(values, axis=0).tolist() == [1.0, 5.0, 3.0, 10.0]
