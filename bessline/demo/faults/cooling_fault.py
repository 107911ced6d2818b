"""Cooling that takes too little away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bessline.demo.drive import Drive
from bessline.demo.faults.base import FIRST_DAY, HOUR_S, Fault, FaultWindow, fault_random, step_times
from bessline.demo.plant import DAY_S, Plant, Unit


class CoolingFault(Fault):
    """Coolant, and the cells with it, +6 °C over 8 h; after 2 days in all it is mended."""

    name = "cooling_fault"
    kelvin, rise_hours, days = 6.0, 8, 2

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        rng = fault_random(plant, self.name)
        self._span_s = plant.span_s
        self.device_id = plant.units[int(rng.integers(len(plant.units)))].device_id
        self.start_s = (first_day + 1) * DAY_S + int(rng.integers(0, DAY_S))
        self.end_s = self.start_s + self.days * DAY_S
        self.needs_s = self.end_s

    def windows(self) -> tuple[FaultWindow, ...]:
        """Its two days, the rise included."""
        if self.needs_s > self._span_s:
            return ()
        size: dict[str, float | str] = {"kelvin": self.kelvin, "over_hours": self.rise_hours}
        where = {"device_id": self.device_id, "topic": "aux", "field": "outwater_temp"}
        return (FaultWindow(self.name, size, where, self.start_s, self.end_s),)

    def drive(self, drive: Drive, *, unit: Unit, day: int) -> Drive:
        """The shift of the coolant; the cells follow it as they always do."""
        if unit.device_id != self.device_id or not self.windows():
            return drive
        at = step_times(day)
        risen = np.clip((at - self.start_s) / (self.rise_hours * HOUR_S), 0.0, 1.0) * (at < self.end_s)
        return replace(drive, coolant_shift_c=drive.coolant_shift_c + self.kelvin * risen)
