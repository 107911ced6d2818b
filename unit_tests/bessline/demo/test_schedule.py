"""The day's programme."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.plant import STEP_S
from bessline.demo.schedule import is_workday, setpoints


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_a_unit_charges_from_the_first_step(unit: int) -> None:
    """The span begins in the valley of the tariff, with the full charging current."""
    asked = setpoints(1, unit=unit, day=0)
    assert (asked[:360] < -50).all()


@pytest.mark.parametrize(("day", "charges"), [(0, 2), (2, 2), (3, 1), (4, 1), (5, 2)])
def test_two_cycles_on_a_workday_one_at_the_weekend(day: int, charges: int) -> None:
    """2024-05-01 is a Wednesday."""
    charging = np.concatenate(([False], setpoints(1, unit=0, day=day) < 0))
    assert int((np.diff(charging.astype(int)) == 1).sum()) == charges
    assert is_workday(day) == (charges == 2)


def test_a_discharge_has_steps_to_see_a_resistance_by() -> None:
    """Steps of more than a tenth of the capacity an hour come several times a week."""
    asked = np.concatenate([setpoints(1, unit=0, day=day) for day in range(7)])
    within = (asked[1:] > 0) & (asked[:-1] > 0)
    assert int((np.abs(np.diff(asked))[within] > 28).sum()) > 7


def test_an_idle_unit_is_asked_for_exactly_nothing() -> None:
    """Between the windows the current is 0, not nearly 0."""
    six = 6 * 3600 // STEP_S
    assert (setpoints(1, unit=0, day=0)[six : six + 60] == 0).all()
