"""How a battery ages: the end-of-charge voltage of every cell, charge after charge, against its pack."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bessline.analytics.ageing import Ageing
from bessline.analytics.base import Analytic, Event, Reading, Subject
from bessline.analytics.capacity import Capacity
from bessline.analytics.charges import WINDOW_TICKS, Charge, ChargeFinder
from bessline.analytics.saturation import CellLayout, end_of_charge
from bessline.analytics.stamps import utc
from bessline.analytics.throughput import Throughput
from bessline.sources.base import Float64

#: What is read besides the cells; a device may lack any of them.
PACK_SIGNALS = ("bms.soc", "bms.current", "bms.voltage", "bms.cell_avg_temp", "bms.soh")

#: Cells come more slowly than the readings: on the average a cell's value is so much of a step old.
_CELL_LAG = 0.7


class Standing(NamedTuple):
    """What went through the pack up to `t_ms`: charge of both directions (Ah), its coverage, and the BMS's SOH (%)."""

    t_ms: int
    throughput_ah: float
    coverage: float
    soh: float


class Degradation(Analytic):
    """Says after each charge that reached the top how the cells stand, which drift, and how much went through them.

    Parameters
    ----------
    nominal_ah: capacity that equivalent full cycles and the state of health are counted in; the capacity measured in
        the first charges where it is not given.
    """

    name = "degradation"

    def __init__(self, subject: Subject, *, nominal_ah: float | None = None) -> None:
        self._device_id = subject.device_id
        self.layout = CellLayout.of(subject.signals)
        places = {name: n for n, name in enumerate(subject.signals)}
        self._places = tuple(places.get(name, -1) for name in PACK_SIGNALS)
        self._lag_s = _CELL_LAG * subject.period_s
        self._finder = ChargeFinder(period_s=subject.period_s)
        self._throughput = Throughput(longest_ms=3000 * subject.period_s)
        self._soh = math.nan
        self._last_ms: int | None = None
        self._window: deque[tuple[int, Float64]] = deque(maxlen=WINDOW_TICKS)
        self.capacity = Capacity(nominal_ah)
        self.ageing = Ageing(self.layout)
        # trends cost milliseconds and change with a charge alone
        self._cells: dict[str, Any] | None = None

    def update(self, reading: Reading) -> Sequence[Event]:
        """One tick; an event once a charge that reached the top is over."""
        soc, amps, volts, celsius, soh = (
            float(reading.value[place]) if place >= 0 else math.nan for place in self._places
        )
        charge = self.tick(reading.t_ms, soc=soc, amps=amps, volts=volts, celsius=celsius, soh=soh)
        if charge is not None:
            window = self._volts(charge)
            self._window.clear()
            if self.take(charge, window):
                return [self.told(self.standing())]
        if self._finder.charging:
            self._window.append((reading.t_ms, reading.value[self.layout.columns]))
        return ()

    def _volts(self, charge: Charge) -> Float64:
        """The cells in the window of a charge, as they were kept while it ran: float64[ticks, cells]."""
        held, stamps = dict(self._window), charge.window_ms.tolist()
        return np.array([held[t] for t in stamps], np.float64).reshape(len(stamps), len(self.layout.names))

    def tick(self, t_ms: int, *, soc: float, amps: float, volts: float, celsius: float, soh: float) -> Charge | None:
        """The pack's part of one tick, in %, A (discharge positive), V, °C, %; a charge, once it is over."""
        self._last_ms = t_ms
        self._throughput.add(t_ms, amps)
        if soh == soh:
            self._soh = soh
        return self._finder.step(t_ms, soc=soc, amps=amps, volts=volts, celsius=celsius)

    def take(self, charge: Charge, volts: Float64) -> bool:
        """A charge with the cell voltages of its window, float64[ticks, cells]; tells whether it says anything."""
        self.capacity.take(charge)
        if not (charge.reached and charge.comparable) or not len(self.layout.names):
            return False
        self._cells = None
        end = end_of_charge(volts, self.layout, t_ms=charge.window_ms, amps=charge.window_a, lag_s=self._lag_s)
        return end is not None and self.ageing.take(charge, end)

    def standing(self) -> Standing:
        """Where the pack stands after the last tick."""
        counted = self._throughput
        return Standing(self._last_ms or 0, counted.in_ah + counted.out_ah, counted.coverage, self._soh)

    def told(self, standing: Standing) -> Event:
        """The event of a charge that said something, at the tick that ended it."""
        self._cells = self.ageing.summary()
        return Event(self.name, standing.t_ms, self.summary(standing))

    def summary(self, standing: Standing) -> dict[str, Any]:
        """The contract's `degradation` object, as of `standing`."""
        cells = self.ageing.summary() if self._cells is None else self._cells
        cycles = self.capacity.cycles(standing.throughput_ah)
        return {
            "device_id": self._device_id,
            "timestamp": utc(standing.t_ms),
            **cells,
            "soh": {"bms": _or_none(standing.soh), **self.capacity.health()},
            "equivalent_full_cycles": cycles,
            "coverage": round(standing.coverage, 4),
            "projection": [],
            "evidence": f"{cells['evidence']} {self.capacity.cycles_evidence(cycles, standing.coverage)}",
        }

    def state(self) -> dict[str, Any]:
        """The same object for what is known now; nulls, and what is missing, while it is too little."""
        return {} if self._last_ms is None else self.summary(self.standing())


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
