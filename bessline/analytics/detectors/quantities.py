"""What relations between signals are made of: signals, and what follows from them by physics."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import HOLE_PERIODS
from bessline.analytics.detectors.cell_grid import CellGrid
from bessline.analytics.detectors.charge_hour import ChargeHour
from bessline.sources.base import Float64

#: Converter powers under this share of the usual highest say nothing of its losses.
RUNNING = 0.1
#: While AC or DC power moves by more than this share of it within three readings, nothing is said of the losses: read
#: up to a reading apart, the two of an ending charge differ by more than what a fault of half a point takes.
RAMP = 0.01
_SHORT_S, _LONG_S, _POWER_S = 900.0, 5400.0, 400.0
_PHASES = tuple(f"pcs.ac_current_{phase}" for phase in "abc")
_LINES = tuple(f"pcs.ac_voltage_{pair}" for pair in ("ab", "bc", "ca"))


@dataclass
class Lag:
    """A first-order lag with memory `tau_s`: NaN until it has seen three times that, and again after a hole as long."""

    tau_s: float
    value: float = math.nan
    seen_s: float = 0.0
    away_s: float = 0.0

    def update(self, value: float, *, elapsed_s: float) -> float:
        """The lagged value, `elapsed_s` after the last one; a NaN is answered by NaN."""
        self.away_s += elapsed_s
        if math.isnan(value):
            return math.nan
        away_s, self.away_s = self.away_s, 0.0
        if math.isnan(self.value) or away_s > self.tau_s:
            self.value, self.seen_s = value, 0.0
        self.value += (1 - math.exp(-away_s / self.tau_s)) * (value - self.value)
        self.seen_s += away_s
        return self.value if self.seen_s >= 3 * self.tau_s else math.nan


class Quantities:
    """Named numbers of one instant, worked out from a reading.

    Each stored signal but the cells by its own name, and: ``cells.sum`` (V), ``dc.power``, ``ac.power``, ``ac.size``
    (kW), ``dc.size`` (kW), ``dc.square`` (kW²; both of the DC power, NaN while the converter rests), ``loss`` (kW),
    ``phases`` (kVA), ``heat.short``, ``heat.long`` (lagged square of the current), ``coolant.long``,
    ``power.short``, ``power.square`` (lagged AC power and its square),
    ``charge.hour`` (Ah that flowed out in the last hour), ``soc.hour`` (%, the change of SOC in the same time; both NaN
    while hardly anything flows).

    ``loss``, too, is NaN while AC or DC power moves: they are not read at the same instant.

    `names`: those that this subject can give.
    """

    def __init__(self, subject: Subject) -> None:
        self.period_s = subject.period_s
        places = {name: at for at, name in enumerate(subject.signals) if not name.startswith("cells.")}
        self._signals = tuple(places)
        self._places = np.array(list(places.values()), dtype=np.intp)
        cells = CellGrid(subject.signals, kind="v").channels
        self._cells = np.array([subject.signals.index(name) for name in cells], dtype=np.intp)
        known = {*places, *(["cells.sum"] if len(self._cells) else [])}
        self.names = frozenset(known | {name for name, needs in NEEDS.items() if needs(known)})
        self._highest_kw, self._highest_ah = 0.0, 0.0
        self._powers: deque[tuple[float, float]] = deque([(math.nan, math.nan)] * 3, maxlen=3)
        self._hour = ChargeHour(longest_s=HOLE_PERIODS * subject.period_s)
        self._last_ms: int | None = None
        self._lags = {
            "heat.short": Lag(_SHORT_S),
            "heat.long": Lag(_LONG_S),
            "coolant.long": Lag(_LONG_S),
            "power.short": Lag(_POWER_S),
        }

    def update(self, t_ms: int, value: Float64) -> Mapping[str, float]:
        """The numbers of a reading; NaN for what cannot be told."""
        elapsed_s = self.period_s if self._last_ms is None else (t_ms - self._last_ms) / 1000
        self._last_ms = t_ms
        now = dict(zip(self._signals, value[self._places].tolist(), strict=True))
        if len(self._cells):
            now["cells.sum"] = _sum_of(value[self._cells])
        self._power(now)
        self._lagged(now, elapsed_s)
        self._charge(t_ms, now)
        return now

    def _charge(self, t_ms: int, now: dict[str, float]) -> None:
        amps = now.get("bms.current", now.get("pcs.dc_current", math.nan))
        flowed, change = self._hour.update(t_ms, amps=amps, soc=now.get("bms.soc", math.nan))
        if not math.isnan(flowed):
            self._highest_ah = max(abs(flowed), self._highest_ah * 0.99999)
        moved = abs(flowed) > RUNNING * self._highest_ah
        now["charge.hour"], now["soc.hour"] = (flowed, change) if moved else (math.nan, math.nan)

    def _power(self, now: dict[str, float]) -> None:
        volts = now.get("pcs.dc_voltage", now.get("bms.voltage", math.nan))
        amps = now.get("pcs.dc_current", now.get("bms.current", math.nan))
        dc = volts * amps / 1000
        ac = now.get("pcs.active_power", math.nan)
        ac = now.get("pcs.apparent_power", math.nan) if math.isnan(ac) else ac
        if not math.isnan(dc):
            self._highest_kw = max(abs(dc), self._highest_kw * 0.99999)
        # In kW, not over the highest: that moves, by percents a day, and coefficients learned over days would not fit.
        size = abs(dc) if abs(dc) > RUNNING * self._highest_kw else math.nan
        now.update({"dc.power": dc, "ac.power": ac, "ac.size": abs(ac), "dc.size": size, "dc.square": size * size})
        self._powers.append((dc, ac))
        # A NaN among them makes the sum NaN, and nothing is less than that.
        moved = sum(abs(dc - dc_then) + abs(ac - ac_then) for dc_then, ac_then in self._powers)
        now["loss"] = dc - ac if moved <= 4 * RAMP * self._highest_kw else math.nan
        phases = sum(now.get(name, math.nan) for name in _PHASES)
        lines = sum(now.get(name, math.nan) for name in _LINES)
        now["phases"] = phases / 3 * lines / 3 * math.sqrt(3) / 1000

    def _lagged(self, now: dict[str, float], elapsed_s: float) -> None:
        heat = now.get("bms.current", now.get("pcs.dc_current", math.nan)) ** 2
        coolant = now.get("aux.outwater_temp", math.nan)
        sources = {
            "heat.short": heat,
            "heat.long": heat,
            "coolant.long": coolant,
            "power.short": now["ac.size"],
        }
        for name, source in sources.items():
            now[name] = self._lags[name].update(source, elapsed_s=elapsed_s)
        now["power.square"] = now["power.short"] ** 2


def _sum_of(cells: Float64) -> float:
    """A few cells that are away do not matter: they are about as high as the others."""
    total = float(cells.sum())
    if not math.isnan(total):
        return total
    known = cells[~np.isnan(cells)]
    return float(known.mean()) * len(cells) if len(known) >= 0.98 * len(cells) else math.nan


def _has(*names: str) -> Callable[[Set[str]], bool]:
    return lambda known: all(name in known for name in names)


def _has_dc(known: Set[str]) -> bool:
    return ("pcs.dc_voltage" in known or "bms.voltage" in known) and (
        "pcs.dc_current" in known or "bms.current" in known
    )


def _has_ac(known: Set[str]) -> bool:
    return "pcs.active_power" in known or "pcs.apparent_power" in known


def _has_current(known: Set[str]) -> bool:
    return "bms.current" in known or "pcs.dc_current" in known


#: What each derived quantity needs.
NEEDS: Mapping[str, Callable[[Set[str]], bool]] = {
    "dc.power": _has_dc,
    "dc.size": _has_dc,
    "dc.square": _has_dc,
    "ac.power": _has_ac,
    "ac.size": _has_ac,
    "loss": lambda known: _has_dc(known) and _has_ac(known),
    "charge.hour": lambda known: _has_current(known) and "bms.soc" in known,
    "soc.hour": lambda known: _has_current(known) and "bms.soc" in known,
    "phases": _has(*_PHASES, *_LINES),
    "heat.short": _has_current,
    "heat.long": _has_current,
    "coolant.long": _has("aux.outwater_temp"),
    "power.short": _has_ac,
    "power.square": _has_ac,
}
