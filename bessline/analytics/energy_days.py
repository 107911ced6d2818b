"""Energy by day through a storage unit, and how far its efficiencies fell."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

DAY_MS, _HOUR_MS = 86_400_000, 3_600_000.0
#: A day counts when so much of it is known and SOC rose by so much in it (%); a week when so many of its days do.
LEAST_COVERAGE, LEAST_RISE, LEAST_DAYS = 0.8, 20.0, 5
#: Smaller changes of SOC are noise, and noise adds up to cycles.
_SOC_STEP = 2.0
_KEPT_DAYS = 40


class Drop(NamedTuple):
    """How many points (%) an efficiency fell, from `before` to `now` (%), over `days` known days (`coverage` 0..1)."""

    points: float
    before: float
    now: float
    coverage: float


@dataclass(slots=True)
class EnergyDay:
    """A UTC day. Energies in kWh, each direction by itself; `dc_*` and the `ac_*` beside them over the same steps."""

    day: int
    ac_out: float = 0.0
    ac_in: float = 0.0
    dc_out: float = 0.0
    dc_in: float = 0.0
    covered_ms: int = 0
    soc_rise: float = 0.0
    soc_first: float = math.nan
    soc_last: float = math.nan

    @property
    def counts(self) -> bool:
        """Whether enough is known of it."""
        return self.covered_ms >= LEAST_COVERAGE * DAY_MS and self.soc_rise >= LEAST_RISE

    @property
    def converter(self) -> float:
        """Efficiency (%) of the converter, both directions; NaN where too little is known."""
        taken = self.dc_out + self.ac_in
        return 100 * (self.ac_out + self.dc_in) / taken if self.counts and taken > 0 else math.nan


class EnergyDays:
    """Sums power into days. A step longer than `longest_ms`, or with a missing value at an end, is a gap."""

    def __init__(self, *, longest_ms: float) -> None:
        self.days: deque[EnergyDay] = deque(maxlen=_KEPT_DAYS)
        self._longest_ms = longest_ms
        self._last = (0, math.nan, math.nan)
        self._soc = math.nan

    def add(self, t_ms: int, *, ac_kw: float, dc_kw: float, soc: float) -> bool:
        """The next tick (kW, discharge positive, and %); tells whether another day begins, so the last one is whole."""
        begins = not self.days or self.days[-1].day != t_ms // DAY_MS
        if begins:
            self.days.append(EnergyDay(t_ms // DAY_MS))
        today, (last_ms, last_ac, last_dc) = self.days[-1], self._last
        if t_ms - last_ms <= self._longest_ms and not math.isnan(ac_kw + dc_kw + last_ac + last_dc):
            hours = (t_ms - last_ms) / _HOUR_MS / 2
            today.ac_out += (max(last_ac, 0.0) + max(ac_kw, 0.0)) * hours
            today.ac_in -= (min(last_ac, 0.0) + min(ac_kw, 0.0)) * hours
            today.dc_out += (max(last_dc, 0.0) + max(dc_kw, 0.0)) * hours
            today.dc_in -= (min(last_dc, 0.0) + min(dc_kw, 0.0)) * hours
            today.covered_ms += t_ms - last_ms
        if not math.isnan(soc):
            self._see_soc(today, soc)
        self._last = (t_ms, ac_kw, dc_kw)
        return begins

    def _see_soc(self, today: EnergyDay, soc: float) -> None:
        if math.isnan(self._soc) or abs(soc - self._soc) >= _SOC_STEP:
            today.soc_rise += 0.0 if math.isnan(self._soc) else max(soc - self._soc, 0.0)
            self._soc = soc
        today.soc_first = soc if math.isnan(today.soc_first) else today.soc_first
        today.soc_last = soc

    def converter_drop(self) -> Drop | None:
        """The last whole day against the first three of the seven before it; None where these days say too little."""
        whole = self._whole(8)
        before = [day.converter for day in whole if day.day <= self._last_whole - 5]
        before = [value for value in before if not math.isnan(value)]
        now = whole[-1].converter if whole and whole[-1].day == self._last_whole else math.nan
        if not before or math.isnan(now):
            return None
        return Drop(float(np.median(before)) - now, float(np.median(before)), now, len(whole) / 8)

    def round_trip_drop(self) -> Drop | None:
        """The last seven whole days against the seven that ended 23 days before; None where these say too little."""
        whole = self._whole(30)
        weeks = [[day for day in whole if first <= self._last_whole - day.day < first + 7] for first in (23, 0)]
        before, now = (round_trip(week) for week in weeks)
        if math.isnan(before) or math.isnan(now):
            return None
        return Drop(before - now, before, now, sum(len(week) for week in weeks) / 14)

    @property
    def _last_whole(self) -> int:
        return self.days[-1].day - 1

    def _whole(self, days: int) -> list[EnergyDay]:
        """Those of the last `days` whole days that count."""
        return [day for day in self.days if day.counts and 0 <= self._last_whole - day.day < days]


def round_trip(days: Sequence[EnergyDay]) -> float:
    """Round-trip efficiency (%) at the AC side, without auxiliaries, over `days`; NaN for too few.

    What is in the battery at the end and was not at the beginning counts as not taken in, at the energy that these days
    took for a percent of SOC.
    """
    taken, rise = sum(day.ac_in for day in days), sum(day.soc_rise for day in days)
    if len(days) < LEAST_DAYS or taken <= 0 or rise < 100:
        return math.nan
    kept = sum(day.soc_last - day.soc_first for day in days) * taken / rise
    return 100 * sum(day.ac_out for day in days) / (taken - kept)
