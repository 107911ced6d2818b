"""A sensor that goes on saying what it last said."""

from __future__ import annotations

import numpy as np

from bessline.demo.faults.base import FIRST_DAY, HOUR_S, Fault, FaultWindow, fault_random
from bessline.demo.faults.cells import any_cell, unit_with_cells
from bessline.demo.plant import DAY_S, Plant
from bessline.sources.base import Float64, Int64


class StuckSensor(Fault):
    """One cell temperature constant for 18 h of one local day."""

    name = "stuck_sensor"
    hours = 18

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        self._unit, self._span_s = unit_with_cells(plant), plant.span_s
        rng = fault_random(plant, self.name)
        if self._unit is not None:
            self.pack, self.cell = any_cell(self._unit, rng=rng)
            # Within one day: a day's rows know nothing of the day before.
            self.start_s = first_day * DAY_S + int(rng.integers(0, (24 - self.hours) * HOUR_S))
            self.end_s = self.start_s + self.hours * HOUR_S
            self.needs_s = self.end_s

    def windows(self) -> tuple[FaultWindow, ...]:
        """Its 18 hours."""
        if self._unit is None or self.needs_s > self._span_s:
            return ()
        where = {"device_id": self._unit.device_id, "topic": "cells", "cell": f"p{self.pack}_t{self.cell}"}
        return (FaultWindow(self.name, {"hours": self.hours}, where, self.start_s, self.end_s),)

    def observe(self, value: Float64, *, device_id: str, stem: str, t_s: Int64) -> Float64:
        """Within the window the first value of the window."""
        if self._unit is None or (device_id, stem) != (self._unit.device_id, f"bms1_p{self.pack}_t{self.cell}"):
            return value
        if not self.windows():
            return value
        stuck = (t_s >= self.start_s) & (t_s < self.end_s)
        return np.where(stuck, value[np.argmax(stuck)], value) if stuck.any() else value
