"""A string of cells with known resistances, charged and discharged once a day: what detectors of cells are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bessline.analytics import Reading, Subject
from bessline.analytics.detectors import Detector
from bessline.sources.base import Float64

PERIOD_S = 180
HOUR, DAY = 3600 // PERIOD_S, 86_400 // PERIOD_S
PACKS, PER_PACK = 2, 8
VOLTS = tuple(f"cells.p{pack}_v{cell}" for pack in range(1, PACKS + 1) for cell in range(1, PER_PACK + 1))
TEMPS = tuple(name.replace("_v", "_t") for name in VOLTS)
OTHERS = (
    "bms.soc", "bms.current", "bms.voltage", "pcs.dc_current", "pcs.dc_voltage", "pcs.apparent_power",
    "aux.outside_temp", "aux.outwater_temp", "aux.return_water_temp",
)  # fmt: skip
SUBJECT = Subject("bess1", (*OTHERS, *VOLTS, *TEMPS), float(PERIOD_S))


@dataclass
class String:
    """`values`: float64[ticks, signals], a row every three minutes; change it for a fault. `amps`: float64[ticks]."""

    values: Float64
    amps: Float64

    def __getitem__(self, name: str) -> Float64:
        """The column of a signal, to be changed in place."""
        return self.values[:, SUBJECT.signals.index(name)]

    def readings(self, *, days: float | None = None) -> Iterator[Reading]:
        """From the start."""
        for tick, row in enumerate(self.values[: None if days is None else int(days * DAY)]):
            yield Reading(tick * PERIOD_S * 1000, row)


def string(days: int, *, seed: int = 1, ohm: Float64 | None = None) -> String:
    """A healthy string; `ohm` float64[cells] are its resistances (by default 0.2 mOhm, 2 % apart)."""
    random, n = np.random.default_rng(seed), PACKS * PER_PACK
    hour = np.arange(days * DAY) * PERIOD_S / 3600
    of_day = hour % 24
    amps = np.select([(of_day >= 8) & (of_day < 12), (of_day >= 16) & (of_day < 20)], [-60.0, 60.0], 0.0)
    soc = np.interp(of_day, [0, 8, 12, 16, 20, 24], [5, 5, 95, 95, 5, 5])
    ohms = 2e-4 * (1 + 0.02 * random.standard_normal(n)) if ohm is None else ohm
    apart = 5e-4 * random.standard_normal(n)
    noise = 3e-4 * random.standard_normal((len(hour), n))
    volts = (3.2 + 0.001 * soc)[:, None] + apart - amps[:, None] * ohms + noise
    outside = 20 + 5 * np.sin((of_day - 9) / 24 * 2 * np.pi)
    heat = np.abs(amps) / 60
    temps = (24 + 0.2 * (outside - 20) + 2 * heat)[:, None] + 0.05 * random.standard_normal((len(hour), n))
    pack_v = volts.sum(axis=1)
    dc_kw = pack_v * amps / 1000
    ac_kw = dc_kw - 0.02 * np.abs(dc_kw) - 0.01 * (amps != 0) + 0.002 * random.standard_normal(len(hour)) * (amps != 0)
    water = 20 + 0.1 * (outside - 20) + 0.05 * random.standard_normal(len(hour))
    others = [np.round(soc), amps, pack_v, amps, pack_v, ac_kw, outside, water, water + 1 + heat]
    columns = [*others, *np.round(volts, 3).T, *np.round(temps, 1).T]
    return String(np.stack(columns, axis=1), amps)


def scored(detector: Detector, plant: String) -> Float64:
    """All scores: float64[ticks, channels]."""
    return np.stack([detector.score(each.t_ms, each.value).copy() for each in plant.readings()])
