"""A battery on paper: days with one charge that tapers, for tests that need to know every number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bessline.analytics import Reading, Subject
from unit_tests.plants import MAY_1

DAY_MS, STEP_MS = 86_400_000, 30_000
PACK = ("bms.soc", "bms.current", "bms.voltage", "bms.cell_avg_temp", "bms.soh")


@dataclass
class Paper:
    """Packs of `per_pack` cells that charge at 70 A for three hours and taper to 14 A in the last twenty minutes.

    `drift` V a year by cell name, `offset` V by cell name.
    """

    packs: int = 2
    per_pack: int = 6
    drift: dict[str, float] = field(default_factory=dict)
    offset: dict[str, float] = field(default_factory=dict)
    noise_v: float = 0.0004

    @property
    def cells(self) -> list[str]:
        return [f"p{pack}_v{cell}" for pack in range(1, self.packs + 1) for cell in range(1, self.per_pack + 1)]

    @property
    def subject(self) -> Subject:
        return Subject("bess1", (*PACK, *(f"cells.{name}" for name in self.cells)), STEP_MS / 1000)

    def day(self, number: int) -> Iterator[Reading]:
        """The readings of one day: at rest, the charge, at rest, the discharge, at rest."""
        rng = np.random.default_rng(number)
        amps = charge_and_discharge()
        soc = np.clip(10 + np.cumsum(-amps) * STEP_MS / 3_600_000 / 2.5, 0, 100)
        years = (number + 0.15) / 365.25
        for n, current in enumerate(amps):
            base = 3.25 + 0.0012 * soc[n] - 0.0005 * current
            volts = [
                base + self.offset.get(name, 0.0) + self.drift.get(name, 0.0) * years + rng.normal(0, self.noise_v)
                for name in self.cells
            ]
            pack = [np.round(soc[n]), current, sum(volts), 25.0, 99.0]
            yield Reading(MAY_1 + number * DAY_MS + n * STEP_MS, np.array([*pack, *np.round(volts, 3)]))


def charge_and_discharge() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A day's current at each step, A, discharge positive."""
    amps = np.zeros(DAY_MS // STEP_MS)
    amps[120:480] = -70.0
    amps[480:520] = -np.linspace(70.0, 14.0, 40)
    charged = -amps.sum()
    amps[1500:1860] = charged / 360
    return amps
