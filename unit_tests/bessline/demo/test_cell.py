"""The open-circuit voltage and the energy in a cell."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.demo.cell import POINTS, monotone_spline, open_circuit_v, stored_wh_per_ah


def test_the_curve_goes_through_its_points() -> None:
    """What is written in the table is what a cell at rest shows."""
    soc, volts = np.array(POINTS).T
    np.testing.assert_allclose(open_circuit_v(soc / 100), volts, atol=1e-6)


def test_more_charge_is_never_less_voltage() -> None:
    """The curve rises everywhere, so a voltage orders cells by charge."""
    assert (np.diff(open_circuit_v(np.linspace(0, 1, 20_001))) > 0).all()


def test_beyond_the_ends_there_is_no_other_voltage() -> None:
    """A cell cannot be fuller than full."""
    assert open_circuit_v(np.array([-0.1, 1.1])).tolist() == open_circuit_v(np.array([0.0, 1.0])).tolist()


@given(low=st.floats(0, 1), high=st.floats(0, 1))
def test_stored_energy_is_the_area_under_the_curve(low: float, high: float) -> None:
    """What a charge puts in is the integral of the voltage, between any two states."""
    edges = np.linspace(low, high, 4001)
    volts = open_circuit_v((edges[1:] + edges[:-1]) / 2)
    wh = float(np.diff(stored_wh_per_ah(np.array([low, high])))[0])
    assert abs(wh - float((volts * np.diff(edges)).sum())) < 2e-6


def test_the_spline_does_not_overshoot_a_step() -> None:
    """Between two points the curve stays between them, where a common cubic swings out."""
    x, y = np.arange(6.0), np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    curve = monotone_spline(x, y, np.linspace(0, 5, 501))
    assert curve.min() == 0.0
    assert curve.max() <= 1.0 + 1e-12
