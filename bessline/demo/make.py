"""Make a demo plant: simulate it day by day and write its exports and its truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import orjson

from bessline.demo.channels import METER, channels_of
from bessline.demo.exports import Folder
from bessline.demo.faults import Fault, place
from bessline.demo.plant import STEPS, TIMEZONE, Plant, standard_plant
from bessline.demo.run import SiteRun, UnitRun
from bessline.demo.staging import staged
from bessline.demo.truth import truth_of
from bessline.errors import BadParameter

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
    seed: 0 or more. faults: ``none``, ``default`` (all that fit into the days) or a comma list of names
    (`bessline.demo.faults.KINDS`).
    progress: called with a label, how much is done, and of how much.

    Raises
    ------
    BadParameter
        for a number out of range, an unknown fault, or a named one for which the days are too few.
    SourceError
        when `out` is taken or cannot be written.
    """
    for name, value, low, high in (("days", days, 1, 3660), ("devices", devices, 1, 99), ("seed", seed, 0, 2**63 - 1)):
        if not low <= value <= high:
            raise BadParameter(name, f"{name} is {value}; write a whole number from {low} to {high}")
    plant = standard_plant(days=days, devices=devices, seed=seed)
    chosen = place(faults, plant)
    with staged(out) as folder:
        write_plant(folder, plant, faults=chosen, progress=progress)


def write_plant(folder: Path, plant: Plant, *, faults: Sequence[Fault], progress: Progress | None = None) -> None:
    """Simulate `plant` with `faults` and write everything into `folder`."""
    units = [UnitRun(unit, plant=plant, faults=faults) for unit in plant.units]
    site = SiteRun(plant, faults=faults)
    unit_folders = [
        Folder(
            folder / "BESS" / run.unit.device_id,
            device_id=run.unit.device_id,
            channels=channels_of(run.unit),
            seed=plant.seed,
            faults=faults,
        )
        for run in units
    ]
    meter_folders = {
        name: Folder(folder / "meter" / name, device_id=name, channels=METER, seed=plant.seed, faults=faults)
        for name in site.meters
    }
    for day in range(plant.days):
        grid_kw = np.zeros(STEPS)
        for done, (run, out) in enumerate(zip(units, unit_folders, strict=True)):
            signals = run.run(day)
            out.write_day(signals, day=day)
            grid_kw += signals["aux_power_kw"] - signals["pcs_ac_kw"]
            if progress:
                progress("demo plant", day * len(units) + done + 1, plant.days * len(units))
        for name, signals in site.run(day, units_kw=grid_kw).items():
            meter_folders[name].write_day(signals, day=day)
    truth = truth_of(plant, units=[run.truth for run in units], faults=faults)
    (folder / "truth.json").write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    (folder / "bessline.yaml").write_text(_DESCRIPTION, encoding="utf-8")
