"""A site that from one day on needs more: no fault, but to be learned."""

from __future__ import annotations

from dataclasses import replace

from bessline.demo.faults.base import FIRST_DAY, Fault, FaultWindow, fault_random
from bessline.demo.plant import DAY_S, Plant
from bessline.demo.site import SiteDay


class LoadShift(Fault):
    """Consumption of the site +25 % from one local day on."""

    name = "load_shift"
    share = 0.25

    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        self.first_day = first_day + 1 + int(fault_random(plant, self.name).integers(2))
        self.needs_s = (self.first_day + 1) * DAY_S
        self._span_s = plant.span_s

    def windows(self) -> tuple[FaultWindow, ...]:
        """From that day to the end of the span."""
        if self.needs_s > self._span_s:
            return ()
        where = {"device_id": "m2", "topic": "meter", "field": "active_power"}
        return (FaultWindow(self.name, {"load": self.share}, where, self.first_day * DAY_S, self._span_s),)

    def site(self, site: SiteDay, *, day: int) -> SiteDay:
        """A quarter more from that day on."""
        if day < self.first_day or not self.windows():
            return site
        return replace(site, load_kw=site.load_kw * (1 + self.share))
