"""A cell of too little capacity: it is the first to be full and the first to be empty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bessline.demo.faults.base import FIRST_DAY, Fault, FaultWindow
from bessline.demo.faults.cells import WEAK
from bessline.demo.plant import BALANCED_SOC, Plant, Unit


class WeakCell(Fault):
    """Capacity -12 % of one cell from the start on.

    It stands level with its pack at a SOC of `LEVEL_SOC`, so that it leaves the median by about 40 mV at both ends.
    """

    name = "weak_cell"
    device_id = "bess1"
    pack, cell = WEAK
    capacity_share = -0.12

    #: Found by trial: at this SOC both ends come out alike, for the curve is steeper at the top.
    LEVEL_SOC = 0.80

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        self.needs_s = 0.0 if any(self._hits(unit) for unit in plant.units) else float("inf")
        self._span_s = plant.span_s

    def windows(self) -> tuple[FaultWindow, ...]:
        """The whole span."""
        if self.needs_s > self._span_s:
            return ()
        size: dict[str, float | str] = {"capacity": self.capacity_share}
        where = {"device_id": self.device_id, "topic": "cells", "cell": f"p{self.pack}_v{self.cell}"}
        return (FaultWindow(self.name, size, where, 0, self._span_s),)

    def alter(self, unit: Unit) -> Unit:
        """Take the capacity from one cell, and let it fade twice as fast as the others."""
        if not self._hits(unit):
            return unit
        place = unit.place_of(self.pack, self.cell)
        median = float(np.median(unit.cells.capacity_ah))
        weak = median * (1 + self.capacity_share)
        capacity, balanced = unit.cells.capacity_ah.copy(), unit.cells.balanced_ah.copy()
        fade = unit.cells.fade_per_year.copy()
        capacity[place] = weak
        balanced[place] = self.LEVEL_SOC * weak + (BALANCED_SOC - self.LEVEL_SOC) * median
        fade[place] *= 2
        return replace(unit, cells=replace(unit.cells, capacity_ah=capacity, balanced_ah=balanced, fade_per_year=fade))

    def _hits(self, unit: Unit) -> bool:
        return unit.device_id == self.device_id and unit.packs >= self.pack and unit.per_pack >= self.cell
