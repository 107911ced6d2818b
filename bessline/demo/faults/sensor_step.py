"""A sensor that from one moment on reads too much."""

from __future__ import annotations

import numpy as np

from bessline.demo.faults.base import FIRST_DAY, Fault, FaultWindow, fault_random
from bessline.demo.faults.cells import any_cell, unit_with_cells
from bessline.demo.plant import DAY_S, Plant
from bessline.sources.base import Float64, Int64


class SensorStep(Fault):
    """One cell voltage +15 mV from some moment of one day on."""

    name = "sensor_step"
    volts = 0.015

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        self._unit, self._span_s = unit_with_cells(plant), plant.span_s
        rng = fault_random(plant, self.name)
        if self._unit is not None:
            self.pack, self.cell = any_cell(self._unit, rng=rng)
            self.start_s = (first_day + 1) * DAY_S + int(rng.integers(0, DAY_S))
            self.needs_s = self.start_s + 1

    def windows(self) -> tuple[FaultWindow, ...]:
        """From the step to the end of the span."""
        if self._unit is None or self.needs_s > self._span_s:
            return ()
        where = {"device_id": self._unit.device_id, "topic": "cells", "cell": f"p{self.pack}_v{self.cell}"}
        return (FaultWindow(self.name, {"volts": self.volts}, where, self.start_s, self._span_s),)

    def observe(self, value: Float64, *, device_id: str, stem: str, t_s: Int64) -> Float64:
        """What is measured, and after the step 15 mV more."""
        if self._unit is None or (device_id, stem) != (self._unit.device_id, f"bms1_p{self.pack}_v{self.cell}"):
            return value
        return value + np.where(t_s >= self.start_s, self.volts, 0.0)
