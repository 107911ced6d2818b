"""A converter that loses more and more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bessline.demo.drive import Drive
from bessline.demo.faults.base import FIRST_DAY, Fault, FaultWindow, fault_random, step_times
from bessline.demo.plant import DAY_S, Plant, Unit


class PcsEfficiency(Fault):
    """Efficiency of a converter -2.5 points, evenly over 3 days; it stays so."""

    name = "pcs_efficiency"
    share, days = 0.025, 3

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        rng = fault_random(plant, self.name)
        self._span_s = plant.span_s
        self.device_id = plant.units[int(rng.integers(len(plant.units)))].device_id
        self.start_s = first_day * DAY_S + int(rng.integers(0, DAY_S))
        self.needs_s = self.start_s + self.days * DAY_S

    def windows(self) -> tuple[FaultWindow, ...]:
        """From the beginning of the three days to the end of the span."""
        if self.needs_s > self._span_s:
            return ()
        size: dict[str, float | str] = {"efficiency": -self.share, "over_days": self.days}
        where = {"device_id": self.device_id, "topic": "pcs", "field": "apparent_power"}
        return (FaultWindow(self.name, size, where, self.start_s, self._span_s),)

    def drive(self, drive: Drive, *, unit: Unit, day: int) -> Drive:
        """A growing share of the DC power that is lost besides."""
        if unit.device_id != self.device_id or not self.windows():
            return drive
        grown = np.clip((step_times(day) - self.start_s) / (self.days * DAY_S), 0.0, 1.0)
        return replace(drive, efficiency_drop=drive.efficiency_drop + self.share * grown)
