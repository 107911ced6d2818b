"""Losses of the converter."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.demo.converter import Converter, phase_signals


@given(st.floats(-125, 125), st.floats(0, 0.05))
def test_losses_are_always_positive(dc_kw: float, drop: float) -> None:
    """Whichever way the power flows, the converter only takes."""
    assert Converter().losses_kw(np.array([dc_kw]), efficiency_drop=np.array([drop]))[0] > 0


def test_losses_make_a_discharge_smaller_and_a_charge_larger() -> None:
    """The grid gets less than the battery gives, and gives more than the battery gets."""
    ac = Converter().ac_kw(np.array([60.0, -60.0]), efficiency_drop=np.zeros(2))
    assert 57 < ac[0] < 60
    assert -63 < ac[1] < -60


def test_an_idle_converter_draws_its_standby() -> None:
    """No current is not no power."""
    assert Converter(standby_kw=0.06).ac_kw(np.zeros(1), efficiency_drop=np.zeros(1)).tolist() == [-0.06]


def test_phase_currents_carry_the_power() -> None:
    """Three phases at the grid's voltage add up to the power, without sign."""
    phases = phase_signals(np.array([-60.0]), grid_v=np.array([400.0]))
    amps = sum(phases[f"pcs_i{phase}"][0] for phase in "abc") / 3
    assert abs(amps * 400 * np.sqrt(3) - 60_000) < 1
