"""What the exports of a small plant would show, without the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bessline.demo.channels import METER, Channel, channels_of
from bessline.demo.faults import Fault
from bessline.demo.plant import STEPS, Plant, standard_plant
from bessline.demo.recorder import Recorder, Rows
from bessline.demo.run import SiteRun, UnitRun


def small_plant(*, days: int, seed: int = 1, cells: int = 4) -> Plant:
    """One unit of one pack."""
    return standard_plant(days=days, devices=1, seed=seed, packs=1, per_pack=cells)


def recorded(plant: Plant, stems: Sequence[str], *, faults: Sequence[Fault] = ()) -> dict[str, Rows]:
    """Rows of some signals of the first unit over all days."""
    run = UnitRun(plant.units[0], plant=plant, faults=faults)
    channels = [channel for channel in channels_of(run.unit) if channel.stem in stems]
    recorder = Recorder(run.unit.device_id, channels=channels, seed=plant.seed, faults=faults)
    return _joined(list(recorder.record(run.run(day), day=day)) for day in range(plant.days))


def metered(plant: Plant, *, meter: str, faults: Sequence[Fault] = ()) -> dict[str, Rows]:
    """Rows of one meter of the site, its units idle."""
    site = SiteRun(plant, faults=faults)
    recorder = Recorder(meter, channels=METER, seed=plant.seed, faults=faults)
    days = (site.run(day, units_kw=np.zeros(STEPS))[meter] for day in range(plant.days))
    return _joined(list(recorder.record(signals, day=day)) for day, signals in enumerate(days))


def _joined(days: Iterable[list[tuple[Channel, Rows]]]) -> dict[str, Rows]:
    by_stem: dict[str, list[Rows]] = {}
    for day in days:
        for channel, rows in day:
            by_stem.setdefault(channel.stem, []).append(rows)
    return {
        stem: Rows(np.concatenate([rows.t_s for rows in parts]), np.concatenate([rows.value for rows in parts]))
        for stem, parts in by_stem.items()
    }
