"""Ends of charge of a demo plant whose truth is known, without the files between: years of them in minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.charges import Charge
from bessline.analytics.degradation import PACK_SIGNALS, Degradation
from bessline.demo.channels import channels_of
from bessline.demo.plant import DAY_S, START, Unit, standard_plant, years_at
from bessline.demo.recorder import Recorder, Rows
from bessline.demo.run import UnitRun
from bessline.demo.truth import saturation_v
from bessline.sources.base import Float64, Int64
from bessline.store.align import as_of

_PACK = dict(zip(PACK_SIGNALS, ("bms1_soc", "bms1_c", "bms1_v", "bms1_cell_ave_t", "bms1_soh"), strict=True))
_STEP_S, _TOLERANCE_STEPS = 30, 3
_START_MS = int(START.timestamp() * 1000)


@dataclass
class _Lately:
    """The rows of one signal on this day and the day before."""

    tolerance_ms: int
    t_ms: Int64
    value: Float64
    newest: int = 0

    def add(self, rows: Rows) -> None:
        t_ms = _START_MS + 1000 * rows.t_s
        self.t_ms = np.concatenate([self.t_ms[self.newest :], t_ms])
        self.value = np.concatenate([self.value[self.newest :], rows.value])
        self.newest = len(self.t_ms) - len(t_ms)

    def at(self, stamps: Int64) -> Float64:
        return as_of(stamps, self.t_ms, self.value, tolerance_ms=self.tolerance_ms)[0]


class TrueAgeing:
    """A unit of five packs, made from `seed`, and what `method` learns of it."""

    def __init__(self, seed: int) -> None:
        plant = standard_plant(days=3660, devices=1, seed=seed)
        self.unit: Unit = plant.units[0]
        self._run = UnitRun(self.unit, plant=plant, faults=())
        cells = [f"p{pack}_v{cell}" for pack, cell in self.unit.cell_names]
        wanted = {*_PACK.values(), *(f"bms1_{name}" for name in cells)}
        channels = [each for each in channels_of(self.unit) if each.stem in wanted]
        self._recorder = Recorder(self.unit.device_id, channels=channels, seed=seed, faults=())
        nothing = np.empty(0, np.int64), np.empty(0)
        self._rows = {each.stem: _Lately(round(1000 * _TOLERANCE_STEPS * each.step_s), *nothing) for each in channels}
        self._cells = [self._rows[f"bms1_{name}"] for name in cells]
        signals = (*PACK_SIGNALS, *(f"cells.{name}" for name in cells))
        self.method = Degradation(Subject(self.unit.device_id, signals, float(_STEP_S)))

    def day(self, day: int) -> Iterator[tuple[Charge, Float64]]:
        """Run local day number `day`; the charges that end in it, each with the cells in its window."""
        for channel, rows in self._recorder.record(self._run.run(day), day=day):
            self._rows[channel.stem].add(rows)
        stamps = _START_MS + 1000 * np.arange(day * DAY_S, (day + 1) * DAY_S, _STEP_S)
        columns = [self._rows[stem].at(stamps).tolist() for stem in _PACK.values()]
        for t_ms, soc, amps, volts, celsius, soh in zip(stamps.tolist(), *columns, strict=True):
            charge = self.method.tick(t_ms, soc=soc, amps=amps, volts=volts, celsius=celsius, soh=soh)
            if charge is not None:
                yield charge, np.stack([cell.at(charge.window_ms) for cell in self._cells], axis=1)

    def slopes(self, days: int) -> Float64:
        """The truth after so many days: what each cell drifts against its pack's median, V a year."""
        years = years_at(days)
        slope = (saturation_v(self.unit, years=years) - saturation_v(self.unit, years=0.0)) / years
        by_pack = slope.reshape(self.unit.packs, -1)
        return np.asarray((by_pack - np.median(by_pack, axis=1, keepdims=True)).ravel(), np.float64)
