"""Readings of a demo plant, simulated in memory: no files, no store, days at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from bessline.analytics import Reading, Subject
from bessline.demo.channels import METER, Channel, channels_of
from bessline.demo.faults import Fault
from bessline.demo.plant import DAY_S, START, STEPS, TIMEZONE, Plant
from bessline.demo.recorder import Recorder, Rows
from bessline.demo.run import SiteRun, UnitRun
from bessline.signals import classify
from bessline.sources.base import Float64, Int64

PERIOD_S = 30
_START_MS = int(START.timestamp() * 1000)


class PlantReadings:
    """The first unit (``bess1``) of a plant, or one of its meters, as its readings come.

    Aligned on 30 s as of the newest observation, not older than three of its own periods. `only`: stored names of the
    signals to give; None for all.
    """

    def __init__(
        self,
        plant: Plant,
        *,
        device_id: str = "bess1",
        faults: Sequence[Fault] = (),
        only: Collection[str] | None = None,
    ) -> None:
        self.plant, self.device_id = plant, device_id
        self._unit = UnitRun(plant.units[0], plant=plant, faults=faults)
        self._site = SiteRun(plant, faults=faults)
        self._is_unit = device_id == self._unit.unit.device_id
        channels = [
            channel
            for channel in (channels_of(self._unit.unit) if self._is_unit else METER)
            if only is None or _stored(channel) in only
        ]
        self._recorder = Recorder(device_id, channels=channels, seed=plant.seed, faults=faults)
        names = tuple(_stored(channel) for channel in channels)
        self.subject = Subject(device_id, names, float(PERIOD_S), TIMEZONE)
        self._tolerance_s = np.array([3 * round(channel.step_s) for channel in channels])
        self._tail: list[Rows | None] = [None] * len(channels)

    def table(self) -> tuple[Int64, Float64]:
        """All at once: seconds from the plant's start, int64[n], and values, float64[n, signals]."""
        days = [self._table(day, _grid(day)) for day in range(self.plant.days)]
        return np.concatenate([_grid(day) for day in range(self.plant.days)]), np.concatenate(days)

    def __iter__(self) -> Iterator[Reading]:
        """Each instant at which there is any value."""
        for day in range(self.plant.days):
            grid, table = _grid(day), self._table(day, _grid(day))
            table.flags.writeable = False
            for second, row in zip(grid.tolist(), table, strict=True):
                if not np.isnan(row).all():
                    yield Reading(_START_MS + 1000 * second, row)

    def _table(self, day: int, grid: Int64) -> Float64:
        signals = self._unit.run(day)
        if not self._is_unit:
            units_kw = signals["aux_power_kw"] - signals["pcs_ac_kw"]
            signals = self._site.run(day, units_kw=units_kw.reshape(STEPS))[self.device_id]
        table = np.full((len(grid), len(self._tail)), np.nan)
        for column, (_, rows) in enumerate(self._recorder.record(signals, day=day)):
            before = self._tail[column]
            both = rows if before is None else Rows(*(np.concatenate(pair) for pair in zip(before, rows, strict=True)))
            self._tail[column] = Rows(both.t_s[-1:], both.value[-1:])
            table[:, column] = _as_of(both, grid, tolerance_s=int(self._tolerance_s[column]))
        return table


def _grid(day: int) -> Int64:
    return np.arange(day * DAY_S, (day + 1) * DAY_S, PERIOD_S, dtype=np.int64)


def _stored(channel: Channel) -> str:
    return ".".join(classify(channel.stem))


def second_of(t_ms: int) -> float:
    """Seconds from the plant's start."""
    return (t_ms - _START_MS) / 1000


def _as_of(rows: Rows, grid: Int64, *, tolerance_s: int) -> Float64:
    if not len(rows.t_s):
        return np.full(len(grid), np.nan)
    at = np.searchsorted(rows.t_s, grid, side="right") - 1
    fresh = (at >= 0) & (grid - rows.t_s[at] <= tolerance_s)
    return np.where(fresh, rows.value[at], np.nan)
