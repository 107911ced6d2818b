"""A plant on its way through its days: the units and the site, with the faults that strike them."""

from __future__ import annotations

from collections.abc import Sequence

from bessline.demo.drive import drive_for
from bessline.demo.faults import Fault
from bessline.demo.plant import Plant, Unit
from bessline.demo.recorder import Signals
from bessline.demo.simulate import UnitDay, simulate_day, start_state
from bessline.demo.site import Meter, Register, site_day
from bessline.demo.truth import UnitTruth
from bessline.sources.base import Float64


class UnitRun:
    """One unit, as the faults have built it; its truth grows with its days."""

    def __init__(self, unit: Unit, *, plant: Plant, faults: Sequence[Fault]) -> None:
        for fault in faults:
            unit = fault.alter(unit)
        self.unit, self.seed, self.faults = unit, plant.seed, faults
        self.state, self.truth = start_state(unit), UnitTruth(unit)

    def run(self, day: int) -> Signals:
        """All signals of local day number `day`, those of the cells included if they are exported; days in order."""
        drive = drive_for(self.unit, seed=self.seed, day=day)
        for fault in self.faults:
            drive = fault.drive(drive, unit=self.unit, day=day)
        result = simulate_day(self.unit, self.state, drive=drive, seed=self.seed, day=day)
        self.truth.add(result)
        return _exported(self.unit, result)


def _exported(unit: Unit, day: UnitDay) -> Signals:
    if not unit.exports_cells:
        return day.signals
    names = [f"p{pack}_{{}}{cell}" for pack, cell in unit.cell_names]
    volts = {name.format("v"): row for name, row in zip(names, day.cell_v, strict=True)}
    temps = {name.format("t"): row for name, row in zip(names, day.cell_c, strict=True)}
    return {**day.signals, **volts, **temps}


class SiteRun:
    """The two meters of the site: m1 at the grid connection, m2 on the consumers."""

    def __init__(self, plant: Plant, *, faults: Sequence[Fault]) -> None:
        self.seed, self.faults = plant.seed, faults
        self.meters = {
            "m1": Meter(Register(imported_kwh=412_380.6, exported_kwh=20_914.2)),
            "m2": Meter(Register(imported_kwh=688_102.9, exported_kwh=0.0)),
        }

    def run(self, day: int, *, units_kw: Float64) -> dict[str, Signals]:
        """Signals of each meter on that day, the units taking `units_kw` (float64[STEPS]) from the site."""
        site = site_day(self.seed, day=day)
        for fault in self.faults:
            site = fault.site(site, day=day)
        reactive = 0.22 * site.load_kw
        powers = {"m1": site.load_kw + units_kw - site.pv_kw, "m2": site.load_kw}
        return {name: meter.run(powers[name], reactive_kvar=reactive) for name, meter in self.meters.items()}
