"""A cell whose resistance grows within days: a joint that comes loose."""

from __future__ import annotations

from dataclasses import replace

from bessline.demo.drive import Drive
from bessline.demo.faults.base import FIRST_DAY, Fault, FaultWindow, fault_random
from bessline.demo.faults.cells import any_cell, unit_with_cells
from bessline.demo.plant import DAY_S, Plant, Unit


class ResistanceRise(Fault):
    """Resistance of one cell +60 %, evenly over 10 days; it stays so."""

    name = "resistance_rise"
    share, days = 0.6, 10

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        self._unit, self._span_s = unit_with_cells(plant), plant.span_s
        self.first_day = first_day
        if self._unit is not None:
            self.pack, self.cell = any_cell(self._unit, rng=fault_random(plant, self.name))
            self.needs_s = (first_day + self.days) * DAY_S

    def windows(self) -> tuple[FaultWindow, ...]:
        """From the first of the ten days to the end of the span."""
        if self._unit is None or self.needs_s > self._span_s:
            return ()
        size: dict[str, float | str] = {"resistance": self.share, "over_days": self.days}
        where = {"device_id": self._unit.device_id, "topic": "cells", "cell": f"p{self.pack}_v{self.cell}"}
        return (FaultWindow(self.name, size, where, self.first_day * DAY_S, self._span_s),)

    def drive(self, drive: Drive, *, unit: Unit, day: int) -> Drive:
        """The factor of that cell: for each day what is reached at its middle."""
        if self._unit is None or unit.device_id != self._unit.device_id or not self.windows():
            return drive
        grown = min(max((day - self.first_day + 0.5) / self.days, 0.0), 1.0)
        factor = drive.cell_resistance.copy()
        factor[unit.place_of(self.pack, self.cell)] *= 1 + self.share * grown
        return replace(drive, cell_resistance=factor)
