"""What drives a unit through one day: the inputs of the simulation, and what faults may change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bessline.demo.cooling import outside_c
from bessline.demo.plant import STEPS, Unit
from bessline.demo.schedule import setpoints
from bessline.sources.base import Float64


@dataclass(frozen=True, slots=True)
class Drive:
    """Inputs of one unit for one local day; float64[STEPS] unless said otherwise.

    `asked_a`: current asked for (A, discharge positive). `outside_c`: weather. `coolant_shift_c`: what a fault adds to
    the coolant. `efficiency_drop`: extra share of the DC power lost in the converter. `cell_resistance`:
    float64[cells], factor on each cell's resistance.
    """

    asked_a: Float64
    outside_c: Float64
    coolant_shift_c: Float64
    efficiency_drop: Float64
    cell_resistance: Float64


def drive_for(unit: Unit, *, seed: int, day: int) -> Drive:
    """The undisturbed inputs of `unit` on local day number `day`."""
    return Drive(
        asked_a=setpoints(seed, unit=unit.index, day=day),
        outside_c=outside_c(seed, day=day),
        coolant_shift_c=np.zeros(STEPS),
        efficiency_drop=np.zeros(STEPS),
        cell_resistance=np.ones(len(unit.cells.capacity_ah)),
    )
