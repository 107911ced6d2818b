"""Weather and cooling."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.cooling import coolant, lag, outside_c
from bessline.demo.plant import STEPS


def test_a_lag_reaches_what_it_follows() -> None:
    """After many time constants nothing is left of the start."""
    assert lag(np.full(1000, 5.0), start=0.0, tau_s=100.0)[-1] == pytest.approx(5.0)


def test_a_lag_joins_from_day_to_day() -> None:
    """Two halves, the second begun where the first ended, are the whole."""
    values = np.sin(np.arange(40.0))
    first = lag(values[:20], start=1.0, tau_s=60.0)
    second = lag(values[20:], start=float(first[-1]), tau_s=60.0)
    np.testing.assert_allclose(np.concatenate((first[:-1], second)), lag(values, start=1.0, tau_s=60.0))


def test_weather_has_no_jump_at_midnight() -> None:
    """A day ends where the next begins."""
    assert abs(outside_c(1, day=4)[-1] - outside_c(1, day=5)[0]) < 0.05


def test_afternoon_is_warmer_than_night() -> None:
    """Three in the afternoon against three in the morning."""
    day = outside_c(1, day=0)
    assert day[STEPS * 15 // 24] > day[STEPS * 3 // 24] + 5


def test_coolant_comes_back_warmer_and_costs_power() -> None:
    """Heat is carried off by the water, and the compressor runs for longer."""
    outside, nothing = np.full(STEPS, 22.0), np.zeros(STEPS)
    cold = coolant(outside, heat_kw=nothing, shift_c=nothing)
    warm = coolant(outside, heat_kw=nothing + 2, shift_c=nothing)
    assert ((warm.return_c - warm.outwater_c) > (cold.return_c - cold.outwater_c)).all()
    assert warm.aux_kw.mean() > cold.aux_kw.mean()
    assert cold.aux_kw.min() > 0


def test_a_fault_shifts_the_coolant() -> None:
    """What a fault adds is added, to the water that goes out and to the one that comes back."""
    outside, nothing = np.full(STEPS, 22.0), np.zeros(STEPS)
    right = coolant(outside, heat_kw=nothing, shift_c=nothing)
    wrong = coolant(outside, heat_kw=nothing, shift_c=nothing + 6)
    np.testing.assert_allclose(wrong.outwater_c - right.outwater_c, 6)
    np.testing.assert_allclose(wrong.return_c - right.return_c, 6)
