"""Make a demo plant: simulate it day by day and write its exports and its truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import orjson

from bessline.demo.channels import METER, channels_of
from bessline.demo.drive import drive_for
from bessline.demo.exports import Folder, Signals
from bessline.demo.faults import Fault, choose
from bessline.demo.plant import STEPS, TIMEZONE, Plant, Unit, standard_plant
from bessline.demo.simulate import UnitDay, simulate_day, start_state
from bessline.demo.site import Meter, Register, site_day
from bessline.demo.staging import staged
from bessline.demo.truth import UnitTruth, truth_of
from bessline.errors import BadParameter
from bessline.sources.base import Float64

Progress = Callable[[str, int, int], None]

_DESCRIPTION = f"""\
# How to read this folder: its stamps carry no zone, so it stands here.
kind: signal_folder
timezone: {TIMEZONE}
"""


def make_demo(
    out: Path,
    *,
    days: int = 7,
    devices: int = 2,
    seed: int = 1,
    faults: str = "default",
    progress: Progress | None = None,
) -> None:
    """Write a demo plant to `out`: raw exports in `BESS/` and `meter/`, `truth.json`, `bessline.yaml`.

    The same arguments give the same bytes. Memory does not grow with `days`.

    Parameters
    ----------
    out: a folder that does not exist yet or is empty; it appears only when all is written.
    days: 1..3660 local days from 2024-05-01 in Asia/Shanghai. devices: 1..99 storage units; the first has all cells.
    seed: 0 or more. faults: ``none``, ``default`` or a comma list of names (`bessline.demo.faults.KINDS`).
    progress: called with a label, how much is done, and of how much.

    Raises
    ------
    BadParameter
        for a number out of range or an unknown fault.
    SourceError
        when `out` is taken or cannot be written.
    """
    for name, value, low, high in (("days", days, 1, 3660), ("devices", devices, 1, 99), ("seed", seed, 0, 2**63 - 1)):
        if not low <= value <= high:
            raise BadParameter(name, f"{name} is {value}; write a whole number from {low} to {high}")
    chosen = choose(faults)
    plant = standard_plant(days=days, devices=devices, seed=seed)
    with staged(out) as folder:
        write_plant(folder, plant, faults=chosen, progress=progress)


def write_plant(folder: Path, plant: Plant, *, faults: Sequence[Fault], progress: Progress | None = None) -> None:
    """Simulate `plant` with `faults` and write everything into `folder`."""
    units = [_UnitRun(folder, unit, plant=plant, faults=faults) for unit in plant.units]
    site = _SiteRun(folder, plant=plant, faults=faults)
    for day in range(plant.days):
        grid_kw = np.zeros(STEPS)
        for done, unit in enumerate(units):
            grid_kw += unit.run(day)
            if progress:
                progress("demo plant", day * len(units) + done + 1, plant.days * len(units))
        site.run(day, units_kw=grid_kw)
    truth = truth_of(plant, units=[unit.truth for unit in units], faults=faults)
    (folder / "truth.json").write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    (folder / "bessline.yaml").write_text(_DESCRIPTION, encoding="utf-8")


class _UnitRun:
    """One unit on its way through the span."""

    def __init__(self, folder: Path, unit: Unit, *, plant: Plant, faults: Sequence[Fault]) -> None:
        for fault in faults:
            unit = fault.alter(unit)
        self.unit, self.seed, self.faults = unit, plant.seed, faults
        self.state, self.truth = start_state(unit), UnitTruth(unit)
        path = folder / "BESS" / unit.device_id
        channels = channels_of(unit)
        self.folder = Folder(path, device_id=unit.device_id, channels=channels, seed=plant.seed, faults=faults)

    def run(self, day: int) -> Float64:
        """Run and write one day; gives what the unit takes from the site, auxiliaries included: float64[STEPS], kW."""
        drive = drive_for(self.unit, seed=self.seed, day=day)
        for fault in self.faults:
            drive = fault.drive(drive, unit=self.unit, day=day)
        result = simulate_day(self.unit, self.state, drive=drive, seed=self.seed, day=day)
        self.truth.add(result)
        self.folder.write_day(_exported(self.unit, result), day=day)
        return result.signals["aux_power_kw"] - result.signals["pcs_ac_kw"]


def _exported(unit: Unit, day: UnitDay) -> Signals:
    if not unit.exports_cells:
        return day.signals
    names = [f"p{pack}_{{}}{cell}" for pack, cell in unit.cell_names]
    volts = {name.format("v"): row for name, row in zip(names, day.cell_v, strict=True)}
    temps = {name.format("t"): row for name, row in zip(names, day.cell_c, strict=True)}
    return {**day.signals, **volts, **temps}


class _SiteRun:
    """The two meters of the site: m1 at the grid connection, m2 on the consumers."""

    def __init__(self, folder: Path, *, plant: Plant, faults: Sequence[Fault]) -> None:
        self.seed, self.faults = plant.seed, faults
        registers = {
            "m1": Register(imported_kwh=412_380.6, exported_kwh=20_914.2),
            "m2": Register(imported_kwh=688_102.9, exported_kwh=0.0),
        }
        self.meters = {name: Meter(register) for name, register in registers.items()}
        self.folders = {
            name: Folder(folder / "meter" / name, device_id=name, channels=METER, seed=plant.seed, faults=faults)
            for name in registers
        }

    def run(self, day: int, *, units_kw: Float64) -> None:
        """Run and write one day, the units taking `units_kw` (float64[STEPS]) from the site."""
        site = site_day(self.seed, day=day)
        for fault in self.faults:
            site = fault.site(site, day=day)
        reactive = 0.22 * site.load_kw
        powers = {"m1": site.load_kw + units_kw - site.pv_kw, "m2": site.load_kw}
        for name, meter in self.meters.items():
            self.folders[name].write_day(meter.run(powers[name], reactive_kvar=reactive), day=day)
