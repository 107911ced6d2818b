"""The hooks of a fault."""

from __future__ import annotations

import numpy as np

from bessline.demo.drive import drive_for
from bessline.demo.faults.base import FIRST_DAY, Fault, FaultWindow, fault_random, step_times
from bessline.demo.plant import DAY_S, STEPS, Plant, standard_plant
from bessline.demo.site import site_day


class Nothing(Fault):
    name = "nothing"

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        pass

    def windows(self) -> tuple[FaultWindow, ...]:
        return ()


def test_a_hook_that_is_not_overridden_changes_nothing() -> None:
    """A new fault writes only the hooks it needs."""
    plant = standard_plant(days=1, devices=1, seed=1)
    fault, unit = Nothing(plant), plant.units[0]
    drive, site, value = drive_for(unit, seed=1, day=0), site_day(1, day=0), np.ones(2)
    assert fault.alter(unit) is unit
    assert fault.drive(drive, unit=unit, day=0) is drive
    assert fault.site(site, day=0) is site
    assert fault.observe(value, device_id="bess1", stem="bms1_v", t_s=np.array([0, 1])) is value
    assert fault.hidden("bess1", stem="bms1_v") == ()


def test_a_window_is_told_in_utc() -> None:
    """Seconds from the plant's start become instants with a Z."""
    window = FaultWindow("weak_cell", {"capacity": -0.12}, {"device_id": "bess1"}, 0, 3600)
    assert window.as_json() == {
        "kind": "weak_cell",
        "size": {"capacity": -0.12},
        "where": {"device_id": "bess1"},
        "start": "2024-04-30T16:00:00Z",
        "end": "2024-04-30T17:00:00Z",
    }


def test_a_place_follows_from_the_seed_alone() -> None:
    """Not from the span, the number of units or another fault."""
    short, long = (standard_plant(days=days, devices=days, seed=4) for days in (1, 2))
    assert fault_random(short, "dropout").random() == fault_random(long, "dropout").random()
    assert fault_random(short, "dropout").random() != fault_random(short, "load_shift").random()


def test_step_times_are_the_middles_of_the_steps() -> None:
    """Counted from the plant's start."""
    times = step_times(2)
    assert (len(times), times[0], times[-1]) == (STEPS, 2 * DAY_S + 5, 3 * DAY_S - 5)
