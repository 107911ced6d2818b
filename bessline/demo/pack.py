"""The charge in one unit's string of cells, and the limits within which the BMS lets it move."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bessline.demo.plant import SOC_EMPTY, SOC_FULL, STEP_S
from bessline.sources.base import Float64

#: Currents with which a charge and a discharge end, and the band of SOC over which they are reached.
END_OF_CHARGE_A, END_OF_DISCHARGE_A, TAPER_BAND = 14.0, 28.0, 0.04
_STEP_H = STEP_S / 3600


class Limits(NamedTuple):
    """Charge (Ah) at which the pack is empty and full, and how the current tapers: A for each Ah of room left."""

    empty_ah: float
    full_ah: float
    taper_a_per_ah: float


def limits_of(capacity_ah: float) -> Limits:
    """The BMS's limits for a pack of `capacity_ah` between 0 and 100 %."""
    taper = (70.0 - END_OF_CHARGE_A) / (TAPER_BAND * capacity_ah)
    return Limits(SOC_EMPTY * capacity_ah, SOC_FULL * capacity_ah, taper)


def walk(asked_a: Float64, *, charge_ah: float, limits: Limits) -> tuple[Float64, Float64]:
    """Carry out the programme within the limits.

    Parameters
    ----------
    asked_a: float64[n], A, discharge positive. charge_ah: in the pack at the start.

    Returns
    -------
    the current of each step, float64[n], and the charge at the edges of the steps, float64[n + 1], its exact integral.

    >>> amps, charge = walk(np.array([-70.0, 0.0]), charge_ah=100.0, limits=limits_of(280.0))
    >>> amps.tolist(), charge.round(4).tolist()
    ([-70.0, 0.0], [100.0, 100.1944, 100.1944])
    """
    amps, charges = [], [charge_ah]
    for wanted in asked_a.tolist():
        if wanted < 0:
            room = max(limits.full_ah - charge_ah, 0.0)
            flow = -min(-wanted, END_OF_CHARGE_A + room * limits.taper_a_per_ah, room / _STEP_H)
        else:
            room = max(charge_ah - limits.empty_ah, 0.0)
            flow = min(wanted, END_OF_DISCHARGE_A + room * limits.taper_a_per_ah, room / _STEP_H)
        charge_ah -= flow * _STEP_H
        amps.append(flow + 0.0)
        charges.append(charge_ah)
    return np.array(amps), np.array(charges)
