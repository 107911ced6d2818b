"""The inputs of a day."""

from __future__ import annotations

from bessline.demo.drive import drive_for
from bessline.demo.plant import STEPS, standard_plant


def test_an_undisturbed_day_has_no_fault_in_it() -> None:
    """Only a fault shifts coolant, efficiency or resistance."""
    unit = standard_plant(days=1, devices=1, seed=1).units[0]
    drive = drive_for(unit, seed=1, day=0)
    assert not drive.coolant_shift_c.any()
    assert not drive.efficiency_drop.any()
    assert (drive.cell_resistance == 1).all()
    assert drive.cell_resistance.shape == (260,)
    assert drive.asked_a.shape == drive.outside_c.shape == (STEPS,)


def test_units_of_one_site_share_the_weather_but_not_the_programme() -> None:
    """Two units under one sky."""
    first, second = standard_plant(days=1, devices=2, seed=1).units
    one, other = drive_for(first, seed=1, day=0), drive_for(second, seed=1, day=0)
    assert (one.outside_c == other.outside_c).all()
    assert (one.asked_a != other.asked_a).any()
