"""Readings of a small plant, made in memory: what every analytic and every detector is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from bessline.analytics import Reading, Subject
from bessline.sources.base import Float64

START_MS = 1_714_521_600_000
PERIOD_S = 300
DAY_TICKS = 86_400 // PERIOD_S
CELLS = tuple(f"cells.p{pack}_{kind}{cell}" for kind in "vt" for pack in (1, 2) for cell in range(1, 6))
SIGNALS = (
    "bms.soc",
    "bms.soh",
    "bms.voltage",
    "bms.current",
    "bms.cell_avg_temp",
    "pcs.active_power",
    "pcs.dc_current",
    "pcs.dc_voltage",
    "pcs.temp_igbt",
    "aux.outwater_temp",
    "aux.return_water_temp",
    "meter.active_power",
    "safety.fa1_smoke_flag",
    *CELLS,
)
#: Steps between ragged readings, and how often each is taken.
STEPS_MS = (1_000, 299_000, 300_000, 301_000, 900_000, 7_200_000)
CHANCES = (0.02, 0.2, 0.5, 0.2, 0.07, 0.01)
SUBJECT = Subject("bess1", SIGNALS, float(PERIOD_S), "Europe/Berlin")


@cache
def values(ticks: int, *, seed: int = 1) -> Float64:
    """float64[ticks, signals], read-only: one cycle a day between 5 and 95 %, noise, the exports' resolution."""
    random = np.random.default_rng(seed)
    hour = np.arange(ticks) * PERIOD_S / 3600 % 24
    charge, discharge = (hour >= 10) & (hour < 14), (hour >= 18) & (hour < 22)
    current = np.where(charge, -62.0, np.where(discharge, 62.0, 0.0)) + random.normal(0, 0.3, ticks)
    soc = np.interp(hour, [0, 10, 14, 18, 22, 24], [5, 5, 95, 95, 5, 5])
    cell_v = 3.2 + 0.002 * soc - 0.0004 * current
    temp = 24 + 3 * np.sin((hour - 12) / 24 * 2 * np.pi) + random.normal(0, 0.2, ticks)
    volts = [cell_v + random.normal(0, 0.001, ticks) + 0.002 * random.normal() for _ in range(10)]
    temps = [temp + random.normal(0, 0.1, ticks) + 0.3 * random.normal() for _ in range(10)]
    pack_v, power = 260 * cell_v, 260 * cell_v * current / 1000
    load = 120 + 60 * np.exp(-(((hour - 13) / 4) ** 2)) + random.normal(0, 4, ticks)
    columns = [
        np.round(soc),
        np.full(ticks, 99.0),
        np.round(pack_v + random.normal(0, 0.1, ticks), 1),
        np.round(current, 1),
        np.round(temp),
        np.round(power * 0.97, 1),
        np.round(current + random.normal(0, 0.2, ticks), 1),
        np.round(pack_v + random.normal(0, 0.2, ticks), 1),
        np.round(35 + 0.3 * np.abs(current) + random.normal(0, 0.3, ticks), 1),
        np.round(temp - 4, 1),
        np.round(temp - 1, 1),
        np.round(load - power, 1),
        np.zeros(ticks),
        *(np.round(v, 3) for v in volts),
        *(np.round(t, 1) for t in temps),
    ]
    made: Float64 = np.stack(columns, axis=1)
    made.flags.writeable = False
    return made


def readings(ticks: int, *, seed: int = 1, start: int = 0) -> Iterator[Reading]:
    """`ticks` readings from tick number `start` on."""
    rows = values(start + ticks, seed=seed)
    for tick in range(start, start + ticks):
        yield Reading(START_MS + tick * PERIOD_S * 1000, rows[tick])


def ragged(ticks: int, *, seed: int = 3) -> Iterator[Reading]:
    """The same with values and whole rows missing, irregular steps, holes of hours, and a month without anything."""
    random = np.random.default_rng(seed)
    t_ms = START_MS
    for tick, row in enumerate(values(ticks)):
        t_ms += int(random.choice(STEPS_MS, p=CHANCES))
        t_ms += 30 * 86_400_000 if tick == ticks // 2 else 0
        value = row.copy()
        value[random.random(len(row)) < 0.05] = np.nan
        if random.random() < 0.02:
            value[:] = np.nan
        value[3] = np.nan
        value.flags.writeable = False
        yield Reading(t_ms, value)
