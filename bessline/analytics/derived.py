"""What alarms watch besides signals: spreads, differences, falling efficiencies, silence."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bessline.analytics.alarm_watch import SHORTEST_MS
from bessline.analytics.base import Reading, Subject
from bessline.analytics.charges import WINDOW_TICKS, Charge, ChargeFinder
from bessline.analytics.energy_days import Drop, EnergyDays
from bessline.sources.base import Float64, Int64

CHARGES = 3
SILENCE = "derived.silence"
_CELL_TEMP, _CELL_VOLT = "_t", "_v"


class Measure(NamedTuple):
    """A derived quantity at one tick. `where` names what it is of; `evidence` and `coverage` say on what it rests."""

    name: str
    value: float
    where: str = ""
    evidence: str = ""
    coverage: float = 1.0


class Derived:
    """Works out the derived quantities of one device; those whose signals it lacks never come."""

    def __init__(self, subject: Subject) -> None:
        self._places = {name: n for n, name in enumerate(subject.signals)}
        self.silence = Silence(subject)
        self._cell_temps = _cells(subject, _CELL_TEMP)
        self._spread = ChargeSpread(subject)
        self._energy = EnergyDays(longest_ms=3000 * subject.period_s)
        has = self._places.keys()
        self._has_power = {"pcs.dc_current", "pcs.dc_voltage"} <= has and bool(
            {"pcs.active_power", "pcs.apparent_power"} & has
        )

    @property
    def names(self) -> frozenset[str]:
        """The derived quantities that this device has the signals for."""
        has, has_cells = self._places.keys(), len(self._cell_temps) > 1
        spread = self._spread.is_possible
        possible = {
            SILENCE: bool(has),
            "derived.cell_temp_spread": "bms.cell_temp_diff" in has or has_cells,
            "derived.coolant_difference": {"aux.return_water_temp", "aux.outwater_temp"} <= has,
            "derived.cell_voltage_spread": spread,
            "derived.pcs_efficiency_drop": self._has_power,
            "derived.round_trip_drop": self._has_power and "bms.soc" in has,
        }
        return frozenset(name for name, there in possible.items() if there)

    def update(self, reading: Reading) -> list[Measure]:
        """What this tick tells. A quantity that is not told is neither good nor bad."""
        told = self.silence.update(reading)
        told.append(Measure("derived.cell_temp_spread", self._temp_spread(reading)))
        back, out = (self._at(reading, f"aux.{name}_temp") for name in ("return_water", "outwater"))
        told.append(Measure("derived.coolant_difference", abs(back - out)))
        spread = self._spread.update(reading)
        if spread is not None:
            told.append(spread)
        if self._has_power:
            told += self._efficiencies(reading)
        return told

    def _at(self, reading: Reading, name: str) -> float:
        place = self._places.get(name)
        return math.nan if place is None else float(reading.value[place])

    def _temp_spread(self, reading: Reading) -> float:
        """As the BMS says it, else of its extremes, else of the single cells."""
        said = self._at(reading, "bms.cell_temp_diff")
        if said == said or len(self._cell_temps) == 0:
            return said
        cells = reading.value[self._cell_temps]
        there = cells[~np.isnan(cells)]
        return float(there.max() - there.min()) if len(there) > 1 else math.nan

    def _efficiencies(self, reading: Reading) -> list[Measure]:
        ac_kw = self._at(reading, "pcs.active_power")
        ac_kw = ac_kw if "pcs.active_power" in self._places else self._at(reading, "pcs.apparent_power")
        dc_kw = self._at(reading, "pcs.dc_current") * self._at(reading, "pcs.dc_voltage") / 1000
        if not self._energy.add(reading.t_ms, ac_kw=ac_kw, dc_kw=dc_kw, soc=self._at(reading, "bms.soc")):
            return []
        drops = {
            "derived.pcs_efficiency_drop": self._energy.converter_drop(),
            "derived.round_trip_drop": self._energy.round_trip_drop(),
        }
        return [_drop(name, drop) for name, drop in drops.items() if drop is not None]


def _drop(name: str, drop: Drop) -> Measure:
    evidence = f"from {drop.before:.1f} % to {drop.now:.1f} %, {drop.coverage:.0%} of the days known"
    return Measure(name, drop.points, "", evidence, drop.coverage)


def _cells(subject: Subject, kind: str) -> Int64:
    found = [n for n, name in enumerate(subject.signals) if name.startswith("cells.") and kind in name]
    return np.array(found, np.int64)


class ChargeSpread:
    """The spread of the cell voltages at the end of charge: the least of the last `CHARGES` that reached the top."""

    def __init__(self, subject: Subject) -> None:
        self._finder = ChargeFinder(period_s=subject.period_s)
        places = {name: n for n, name in enumerate(subject.signals)}
        self._places = [places.get(f"bms.{name}", -1) for name in ("soc", "current", "voltage")]
        self._said = places.get("bms.cell_voltage_diff", -1)
        self._cells = _cells(subject, _CELL_VOLT)
        self._window: deque[tuple[int, float]] = deque(maxlen=WINDOW_TICKS)
        self._spreads: deque[float] = deque(maxlen=CHARGES)

    @property
    def is_possible(self) -> bool:
        """Whether the device has what it takes: a current, and the cells or their spread."""
        return self._places[1] >= 0 and (len(self._cells) > 1 or self._said >= 0)

    def update(self, reading: Reading) -> Measure | None:
        """The least of the last spreads, when another charge is over; None at any other tick."""
        soc, amps, volts = (float(reading.value[place]) if place >= 0 else math.nan for place in self._places)
        charge = self._finder.step(reading.t_ms, soc=soc, amps=amps, volts=volts, celsius=math.nan)
        told = None if charge is None else self._take(charge)
        if self._finder.charging:
            self._window.append((reading.t_ms, self._now(reading.value)))
        return told

    def _now(self, value: Float64) -> float:
        if len(self._cells) > 1:
            cells = value[self._cells]
            there = cells[~np.isnan(cells)]
            return float(there.max() - there.min()) if len(there) > 1 else math.nan
        return float(value[self._said]) if self._said >= 0 else math.nan

    def _take(self, charge: Charge) -> Measure | None:
        held, stamps = dict(self._window), charge.window_ms.tolist()
        self._window.clear()
        there = [held[t] for t in stamps if held[t] == held[t]]
        if not charge.reached or not there:
            return None
        self._spreads.append(float(np.median(there)))
        if len(self._spreads) < CHARGES:
            return None
        each = ", ".join(f"{1000 * spread:.0f}" for spread in self._spreads)
        evidence = f"{each} mV in the last {CHARGES} charges"
        return Measure("derived.cell_voltage_spread", min(self._spreads), evidence=evidence)


class Silence:
    """Since when each topic has had no value (data time, ms), once it had one. `last_ms` is None before."""

    def __init__(self, subject: Subject) -> None:
        topics = [name.partition(".")[0] for name in subject.signals]
        self.topics = tuple(dict.fromkeys(topics))
        order = sorted(range(len(topics)), key=lambda n: self.topics.index(topics[n]))
        ordered = [topics[n] for n in order]
        self._order = np.array(order, np.int64)
        self._starts = np.array([ordered.index(topic) for topic in self.topics], np.int64)
        self.last_ms: list[int | None] = [None] * len(self.topics)

    def update(self, reading: Reading) -> list[Measure]:
        """0 for a topic that speaks again after a while."""
        told: list[Measure] = []
        if not self.topics:
            return told
        heard = np.logical_or.reduceat(~np.isnan(reading.value[self._order]), self._starts)
        for n, speaks in enumerate(heard.tolist()):
            if not speaks:
                continue
            last_ms = self.last_ms[n]
            if last_ms is not None and reading.t_ms - last_ms > SHORTEST_MS:
                told.append(Measure(SILENCE, 0.0, self.topics[n]))
            self.last_ms[n] = reading.t_ms
        return told


def worst(values: Float64, *, sign: float) -> int:
    """Place of the highest (`sign` 1) or lowest (-1) of `values`; -1 where there is none.

    >>> worst(np.array([1.0, np.nan, 3.0]), sign=-1.0)
    0
    """
    there = np.where(np.isnan(values), -np.inf, values * sign)
    n = int(there.argmax()) if len(there) else -1
    return n if n >= 0 and there[n] > -np.inf else -1


def matching(signals: Sequence[str], pattern: str) -> list[int]:
    """Places of the signals that `pattern` names, in order; ``*`` stands for any part of a name.

    >>> matching(("safety.fa1_co", "safety.fa1_voc", "bms.soc"), "safety.fa*_co")
    [0]
    """
    head, star, tail = pattern.partition("*")
    if not star:
        return [n for n, name in enumerate(signals) if name == pattern]
    least = len(head) + len(tail)
    return [n for n, name in enumerate(signals) if name.startswith(head) and name.endswith(tail) and len(name) >= least]
