"""Signals that follow from others: what is left over when the others have explained them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.detectors.quantities import Quantities
from bessline.analytics.detectors.stillness import Stillness
from bessline.analytics.sentences import number, the_last
from bessline.sources.base import Float64

Bools = npt.NDArray[np.bool_]

DAY_S, HOUR_S = 86_400.0, 3600.0
#: So much time with values a relation learns from before it says anything, and so much its spread.
LEARN_S = DAY_S
#: Its coefficients reach back so far, and are worked out anew once an hour of data.
MEMORY_S, EVERY_S = 10 * DAY_S, HOUR_S
#: From a mean absolute error to a standard deviation.
TO_SD = 1.25
#: What the loss is called, and the only target of which an efficiency is told.
LOSS = "loss of the converter"
#: Errors teach the spread no more than this many spreads at once: an outlier slows it, and never blocks it.
CLIP = 5.0
#: And the residual's running mean no more than this many: signals read one after the other differ for a moment.
MOST = 20.0


@dataclass(frozen=True, slots=True)
class Relation:
    """`target` = a + b x first + c x second..., with a, b, c learned.

    `channel`: the signal that an oddness is told of. `words`, `why`: what the target is, and what lets expect it.
    `smooth_s`: the residual is a running mean over about this. `unit`: of the target. `least`: no smaller spread is
    believed, in `unit`. `steady`: only while the current holds still.
    """

    target: str
    given: tuple[str, ...]
    channel: str
    words: str
    why: str
    unit: str
    least: float
    smooth_s: float = 1200.0
    steady: bool = True


#: Every relation; those whose signals a device lacks are left out.
RELATIONS = (
    Relation("bms.voltage", ("cells.sum",), "bms.voltage", "pack voltage", "the sum of its cells", "V", 0.1),
    Relation("bms.voltage", ("bms.cell_avg_voltage",), "bms.cell_avg_voltage", "pack voltage", "the mean cell voltage",
             "V", 0.1),
    Relation("pcs.dc_voltage", ("bms.voltage",), "pcs.dc_voltage", "DC voltage of the converter",
             "the battery's voltage", "V", 0.1),
    Relation("pcs.dc_current", ("bms.current",), "pcs.dc_current", "DC current of the converter",
             "the battery's current", "A", 0.1),
    Relation("loss", ("dc.size", "dc.square"), "pcs.apparent_power", LOSS, "its DC power (volts x amperes)", "kW",
             0.02, 900.0),
    Relation("ac.size", ("phases",), "pcs.ac_current_a", "AC power", "phase currents and voltages", "kW", 0.1),
    Relation("ac.power", ("meter.active_power",), "meter.active_power", "AC power of the converter", "the meter", "kW",
             0.1),
    Relation("soc.hour", ("charge.hour",), "bms.soc", "change of the state of charge within an hour",
             "the charge that flowed (current x time)", "%", 0.5, steady=False),
    Relation("aux.outwater_temp", ("aux.outside_temp", "heat.short"), "aux.outwater_temp", "coolant",
             "this weather and load", "°C", 0.1, 2700.0, steady=False),
    Relation("aux.return_water_temp", ("aux.outwater_temp", "heat.short"), "aux.return_water_temp",
             "coolant coming back", "the coolant going out and the load", "°C", 0.1, steady=False),
    Relation("bms.cell_avg_temp", ("coolant.long", "heat.long", "aux.outside_temp"), "bms.cell_avg_temp",
             "mean cell temperature", "coolant, load and weather", "°C", 0.2, 2700.0, steady=False),
    Relation("pcs.temp_igbt", ("pcs.temp_ambient", "power.short", "power.square"), "pcs.temp_igbt",
             "transistor temperature", "ambient temperature and power", "°C", 0.2, 2700.0, steady=False),
    Relation("env.temperature", ("aux.outside_temp",), "env.temperature", "air inside", "the air outside", "°C", 0.1,
             steady=False),
    Relation("aux.outwater_temp", ("heat.short",), "aux.outwater_temp", "coolant", "the load", "°C", 0.3, 2700.0,
             steady=False),
)  # fmt: skip


class Relations(Detector):
    """For each signal that follows from others, its residual over its robust spread; the largest if there are several.

    Coefficients by least squares with forgetting (running moments, solved once an hour of data), so a slow change of
    what is usual is followed within days and a fault of hours stands out.
    """

    name = "relation"

    def __init__(
        self, subject: Subject, *, relations: tuple[Relation, ...] = RELATIONS, still: Stillness | None = None
    ) -> None:
        super().__init__(subject)
        self.quantities = Quantities(subject)
        names = self.quantities.names
        self.relations = tuple(each for each in relations if {each.target, *each.given} <= names)
        self._columns = [(each.target, *each.given) for each in self.relations]
        named = [self._named(each.channel) for each in self.relations]
        self.channels = tuple(dict.fromkeys(named))
        # A converter that loses more warms its transistors and more: what is told of these must not hide it.
        self.causes = tuple(name for each, name in zip(self.relations, named, strict=True) if each.words == LOSS)
        self._rows_of = [np.array([row for row, name in enumerate(named) if name == each]) for each in self.channels]
        k = len(self.relations)
        self._ratio = np.full(k, np.nan)
        self._width = 1 + max((len(each.given) for each in self.relations), default=0)
        self._moments = np.zeros((k, self._width, self._width + 1))
        self._seen_s = np.zeros(k)
        self._factors = np.full((k, self._width), np.nan)
        self._smooth, self._spread, self._spread_s = np.full(k, np.nan), np.zeros(k), np.zeros(k)
        self._smooth_s = np.array([each.smooth_s for each in self.relations])
        self._least = np.array([each.least for each in self.relations])
        self._steady = np.array([each.steady for each in self.relations], dtype=bool)
        self._target, self._expected, self._mean = np.full(k, np.nan), np.full(k, np.nan), np.full(k, np.nan)
        self._since_solved_s = 0.0
        self._still = still or Stillness(subject)
        self._dc_kw = self._dc_next = math.nan
        self._next = (np.full((k, self._width), np.nan), np.full(k, np.nan))

    def _named(self, channel: str) -> str:
        both = ("pcs.active_power", "pcs.apparent_power")
        return next(name for name in both if name in self.subject.signals) if channel in both else channel

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; in robust standard deviations, silent until it has learned."""
        now = self.quantities.update(t_ms, value)
        elapsed_s = self.elapsed_s(t_ms)
        # The reading before this one: only now is it known whether the current held still.
        (given, target), self._next = self._next, self._inputs(now)
        self._dc_kw, self._dc_next = self._dc_next, now["dc.power"]
        use = ~np.isnan(target) & ~np.isnan(given).any(axis=1)
        if not self._still.update(t_ms, value):
            use &= ~self._steady
        self._target = target
        self._expected = (self._factors * given).sum(axis=1)
        self._ratio = self._judge(target, target - self._expected, use, elapsed_s)
        self._learn(given, target, use, elapsed_s)
        return np.array([np.fmax.reduce(self._ratio[rows]) for rows in self._rows_of])

    def _inputs(self, values: Mapping[str, float]) -> tuple[Float64, Float64]:
        width = self._width + 1
        rows = [[values[name] for name in names] + [0.0] * (width - len(names)) for names in self._columns]
        table = np.array(rows).reshape(-1, width)
        target = table[:, 0].copy()
        # Where the target stood comes the constant.
        table[:, 0] = 1.0
        return table[:, : self._width], target

    def _judge(self, target: Float64, error: Float64, use: Bools, elapsed_s: float) -> Float64:
        judged = use & ~np.isnan(error)
        share = 1 - np.exp(-elapsed_s / self._smooth_s)
        fresh = judged & np.isnan(self._smooth)
        self._smooth, self._mean = np.where(fresh, 0.0, self._smooth), np.where(fresh, target, self._mean)
        scale = np.maximum(TO_SD * self._spread, self._least)
        known = self._spread_s >= LEARN_S
        error = np.where(known, np.clip(error, -MOST * scale, MOST * scale), error)
        self._smooth = np.where(judged, self._smooth + share * (error - self._smooth), self._smooth)
        self._mean = np.where(judged, self._mean + share * (target - self._mean), self._mean)
        ratio = np.abs(self._smooth) / scale
        self._spread_s += judged * elapsed_s
        pace = elapsed_s / np.clip(self._spread_s, elapsed_s, MEMORY_S)
        size = np.minimum(np.abs(self._smooth), np.where(self._spread_s > HOUR_S * 6, CLIP * scale, np.inf))
        self._spread = np.where(judged, self._spread + pace * (size - self._spread), self._spread)
        return np.where(judged & (self._seen_s >= LEARN_S) & (self._spread_s >= LEARN_S), ratio, np.nan)

    def _learn(self, given: Float64, target: Float64, use: Bools, elapsed_s: float) -> None:
        x = np.where(use[:, None], given, 0.0)
        row = np.concatenate((x, np.where(use, target, 0.0)[:, None]), axis=1)
        keep = math.exp(-elapsed_s / MEMORY_S)
        self._moments *= keep
        self._moments += x[:, :, None] * row[:, None, :]
        self._seen_s += use * elapsed_s
        self._since_solved_s += elapsed_s
        if self._since_solved_s >= EVERY_S:
            self._since_solved_s = 0.0
            self._solve()

    def _solve(self) -> None:
        """New coefficients. A little of the diagonal keeps those apart that have always moved together."""
        left, right = self._moments[:, :, :-1].copy(), self._moments[:, :, -1:]
        diagonal = np.einsum("kii->ki", left)
        diagonal += 1e-9 * diagonal + 1e-12
        ready = self._seen_s >= 6 * HOUR_S
        if ready.any():
            self._factors[ready] = np.linalg.solve(left[ready], right[ready])[:, :, 0]

    def explain(self, channel: int) -> Finding:
        """The residual, and how large it usually is."""
        rows = self._rows_of[channel]
        row = int(rows[np.argmax(np.nan_to_num(self._ratio[rows], nan=-1.0))])
        relation, apart = self.relations[row], float(self._smooth[row])
        seen = float(self._mean[row])
        expected = seen - apart
        usual = max(TO_SD * float(self._spread[row]), relation.least)
        unit, side = relation.unit, "under" if apart < 0 else "over"
        reason = (
            f"{relation.words} {number(seen, apart)} {unit} (mean of {the_last(relation.smooth_s)}), "
            f"{number(abs(apart), apart)} {unit} {side} the {number(expected, apart)} {unit} that {relation.why} lets "
            f"expect, {abs(apart) / usual:.1f} times the usual {number(usual, usual)} {unit}"
        )
        return Finding(seen, expected, reason + (self._efficiency(row, apart) if relation.words == LOSS else ""))

    def _efficiency(self, row: int, more_kw: float) -> str:
        """What a loss so much higher means for the efficiency at the power of now."""
        dc_kw = abs(self._dc_kw)
        if math.isnan(dc_kw) or dc_kw == 0:
            return ""
        loss_kw = float(self._target[row])
        points = 100 * more_kw / max(dc_kw, dc_kw + loss_kw)
        return f": efficiency {abs(points):.1f} points {'lower' if points > 0 else 'higher'} at {dc_kw:.0f} kW DC"
