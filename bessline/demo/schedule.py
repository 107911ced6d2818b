"""What the energy management asks of a unit: the day's programme of charging and discharging."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from bessline.demo.plant import START, STEP_S, STEPS, random_for
from bessline.sources.base import Float64

_BLOCK_S = 900

#: (from hour, to hour, A): negative charges. Valley tariff by night, sun at noon, two peaks.
TWO_CYCLES = ((0.0, 5.0, -70.0), (7.5, 11.5, 76.0), (11.75, 16.75, -68.0), (17.5, 22.5, 72.0))
ONE_CYCLE = ((0.0, 5.5, -62.0), (17.0, 22.75, 66.0))


def is_workday(day: int) -> bool:
    """Whether local day number `day` is a Monday to Friday; two cycles are run on these.

    >>> [is_workday(day) for day in range(5)]
    [True, True, True, False, False]
    """
    return (START + timedelta(days=day)).weekday() < 5


def setpoints(seed: int, *, unit: int, day: int) -> Float64:
    """Current asked for at each step of a local day: float64[STEPS], A, discharge positive.

    Charging is at constant current; discharging follows the load in blocks of a quarter of an hour, now and then with
    a pause, so that there are steps from which a resistance can be seen.
    """
    rng = random_for(seed, "schedule", unit, day)
    hour = np.arange(STEPS) * STEP_S / 3600
    asked = np.zeros(STEPS)
    for start, end, amps in TWO_CYCLES if is_workday(day) else ONE_CYCLE:
        level = (amps + 3.0 * (unit % 3)) * (1 + 0.01 * rng.standard_normal())
        shape = np.ones(STEPS) if amps < 0 else _blocks(rng)
        asked = np.where((hour >= start) & (hour < end), level * shape, asked)
    ripple = np.convolve(rng.standard_normal(STEPS + 4), np.full(5, 0.12), mode="valid")
    return np.where(asked != 0, asked + ripple, 0.0)


def _blocks(rng: np.random.Generator) -> Float64:
    count = STEPS * STEP_S // _BLOCK_S
    share = rng.uniform(0.65, 1.35, count) * (rng.random(count) > 0.08)
    return np.repeat(share, _BLOCK_S // STEP_S)
