"""The charge of a pack and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.demo.pack import END_OF_CHARGE_A, limits_of, walk
from bessline.demo.plant import STEP_S

LIMITS = limits_of(280.0)


@given(st.lists(st.floats(-100, 100), max_size=60), st.floats(0.02, 0.97))
def test_charge_is_the_integral_of_the_current(asked: list[float], soc: float) -> None:
    """Whatever is asked, what flows is what the charge moves by."""
    amps, charge = walk(np.array(asked), charge_ah=soc * 280, limits=LIMITS)
    assert charge[-1] - charge[0] == pytest.approx(-amps.sum() * STEP_S / 3600, abs=1e-9)


@given(st.sampled_from([-300.0, -70.0, 70.0, 300.0]), st.floats(0.02, 0.97))
def test_nothing_drives_a_pack_beyond_its_limits(amps: float, soc: float) -> None:
    """Two hours of any current end within 2 and 97 %."""
    _, charge = walk(np.full(720, amps), charge_ah=soc * 280, limits=LIMITS)
    assert charge.min() >= LIMITS.empty_ah - 1e-9
    assert charge.max() <= LIMITS.full_ah + 1e-9


def test_a_charge_is_constant_and_then_tapers() -> None:
    """From 93 to 97 % the current falls to that of the end of charge, then to nothing."""
    amps, charge = walk(np.full(2000, -70.0), charge_ah=0.5 * 280, limits=LIMITS)
    low, late = charge[:-1] < 0.93 * 280, (charge[:-1] > 0.9695 * 280) & (amps < 0)
    assert (amps[low] == -70).all()
    assert (np.diff(amps) >= 0).all()
    assert np.abs(amps[late]).max() < END_OF_CHARGE_A + 1
    assert amps[-1] == 0.0


def test_an_idle_current_is_zero_without_a_sign() -> None:
    """A full pack asked to charge answers 0, not -0."""
    amps, _ = walk(np.array([-70.0, 0.0]), charge_ah=LIMITS.full_ah, limits=LIMITS)
    assert not np.signbit(amps).any()
