"""Charges as they happen: where one begins, where it ends, and whether it reached the top."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from bessline.analytics.throughput import Throughput
from bessline.sources.base import Float64, Int64

#: The end of a charge is looked at over its last five minutes, in a fixed bin of the current.
WINDOW_MS, WINDOW_TICKS = 300_000, 64
BIN = (0.75, 1.6)
#: A charge whose last current is farther from the others' is not comparable with them.
COMPARABLE = (0.75, 1.33)
FULL_SOC, HIGH_SOC, LEAST_RISE_SOC, JUMP_SOC = 98.0, 85.0, 5.0, 5.0
_LEAST_A, _ON_SHARE = 1.0, 0.05
_TAPERED, _AT_LIMIT = 0.6, 0.997
_PAUSE_MS, _HOLD_MS = 900_000, 60_000
_LEARNED = 5


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge, from the first to the last tick with current (ms).

    `soc_start`, `soc_end` in %, `voltage` of the pack in its last minutes (V), `charge_ah` taken in with its
    `coverage`, `steady_soc`: no jump of the BMS within. `window_ms` int64[n] and `window_a` float64[n] are the ticks of
    its end (A, charging positive), `temperature` their median (°C). Ends are compared at a current of `reference_a`.

    `reached`: it came to the top and its end was seen; `comparable`: at the current at which the others end.
    """

    start_ms: int
    end_ms: int
    soc_start: float
    soc_end: float
    voltage: float
    charge_ah: float
    coverage: float
    steady_soc: bool
    window_ms: Int64
    window_a: Float64
    temperature: float
    reference_a: float
    reached: bool
    comparable: bool


@dataclass(slots=True)
class _Running:
    """The charge in hand. Its deques hold the last ticks with current."""

    start_ms: int
    taken: Throughput
    soc_start: float = math.nan
    soc_end: float = math.nan
    steady_soc: bool = True
    bulk_a: float = 0.0
    last_ms: int = 0
    quiet_ms: int | None = None
    blind: bool = False
    t_ms: deque[int] = field(default_factory=lambda: deque(maxlen=WINDOW_TICKS))
    amps: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW_TICKS))
    volts: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW_TICKS))
    celsius: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW_TICKS))

    def take(self, t_ms: int, *, soc: float, charging_a: float, volts: float, celsius: float) -> None:
        """The next tick with current."""
        self.taken.add(t_ms, -charging_a)
        self.see_soc(soc)
        # follows upwards within a few ticks, so that one spike does not make the rest look tapered
        self.bulk_a += 0.3 * max(charging_a - self.bulk_a, 0.0)
        self.last_ms, self.quiet_ms, self.blind = t_ms, None, False
        self.t_ms.append(t_ms)
        self.amps.append(charging_a)
        self.volts.append(volts)
        self.celsius.append(celsius)

    def see_soc(self, soc: float) -> None:
        """A state of charge (%), NaN where there is none."""
        if soc == soc:
            if self.soc_start != self.soc_start:
                self.soc_start = soc
            elif abs(soc - self.soc_end) > JUMP_SOC:
                self.steady_soc = False
            self.soc_end = soc


class ChargeFinder:
    """Finds charges in ticks of state of charge, current and pack voltage.

    A charge begins when the current passes a twentieth of what this battery usually does and ends when it stays below
    half of that; one that takes in less than `LEAST_RISE_SOC` is none. It reached the top when the SOC says so, or when
    the pack was at its limit: the current had tapered, or the voltage was that of other full charges.

    Parameters
    ----------
    period_s: the pace of the ticks.
    """

    def __init__(self, *, period_s: float) -> None:
        self._period_ms = 1000 * period_s
        self._usual_a = 0.0
        self._top_v = 0.0
        self._finals: tuple[float, ...] = ()
        self._strangers: tuple[float, ...] = ()
        self._running: _Running | None = None

    @property
    def charging(self) -> bool:
        """Whether the last tick belongs to a charge."""
        return self._running is not None and self._running.quiet_ms is None and not self._running.blind

    def step(self, t_ms: int, *, soc: float, amps: float, volts: float, celsius: float) -> Charge | None:
        """The next tick: %, A (discharge positive), V, °C, NaN where there is none. A charge, once it is over."""
        size = abs(amps)
        if size == size:
            self._usual_a += (0.05 if size > self._usual_a else 1e-5) * (size - self._usual_a)
        running, charging_a = self._running, -amps
        on_a = max(_LEAST_A, _ON_SHARE * self._usual_a)
        done = None
        if running is not None and t_ms - running.last_ms > _PAUSE_MS:
            done, running = self._end(running), None
        if running is None:
            self._running = running = self._begun(t_ms) if charging_a >= on_a else None
        if running is None:
            return done
        if charging_a >= on_a / 2:
            running.take(t_ms, soc=soc, charging_a=charging_a, volts=volts, celsius=celsius)
            return done
        return self._without_current(running, t_ms, soc=soc, amps=amps) or done

    def _begun(self, t_ms: int) -> _Running:
        return _Running(t_ms, Throughput(longest_ms=3 * self._period_ms), last_ms=t_ms)

    def _without_current(self, running: _Running, t_ms: int, *, soc: float, amps: float) -> Charge | None:
        if amps != amps:
            running.blind = running.blind or running.quiet_ms is None
            return None
        running.see_soc(soc)
        if running.quiet_ms is None:
            running.quiet_ms = t_ms
        if t_ms - running.quiet_ms < _HOLD_MS:
            return None
        self._running = None
        return self._end(running)

    def _end(self, running: _Running) -> Charge | None:
        rise = running.soc_end - running.soc_start
        if rise < LEAST_RISE_SOC or len(running.t_ms) < 3:
            return None
        t_ms, amps = np.array(running.t_ms, np.int64), np.array(running.amps)
        final_a, volts = float(np.median(amps[-3:])), _last(running.volts)
        reached = self._reached(running, final_a=final_a, volts=volts)
        comparable = reached and self._compare(final_a, volts)
        reference_a = float(np.median(self._finals)) if self._finals else final_a
        recent = t_ms > running.last_ms - max(WINDOW_MS, 6 * self._period_ms)
        window = recent & (amps >= BIN[0] * reference_a) & (amps <= BIN[1] * reference_a)
        return Charge(
            start_ms=running.start_ms,
            end_ms=running.last_ms,
            soc_start=running.soc_start,
            soc_end=running.soc_end,
            voltage=volts,
            charge_ah=running.taken.in_ah,
            coverage=running.taken.coverage,
            steady_soc=running.steady_soc,
            window_ms=t_ms[window],
            window_a=amps[window],
            temperature=_last(running.celsius),
            reference_a=reference_a,
            reached=reached,
            comparable=comparable,
        )

    def _reached(self, running: _Running, *, final_a: float, volts: float) -> bool:
        seen = running.quiet_ms is not None and not running.blind
        if not seen or (running.quiet_ms or 0) - running.last_ms > 2.5 * self._period_ms:
            return False
        if running.soc_end >= FULL_SOC:
            return True
        at_limit = final_a <= _TAPERED * running.bulk_a or volts >= _AT_LIMIT * self._top_v
        return at_limit and not running.soc_end < HIGH_SOC

    def _compare(self, final_a: float, volts: float) -> bool:
        """Learn where full charges end, and tell whether this one ended as they do."""
        if volts == volts:
            self._top_v = max(volts, self._top_v * (1 - 2e-5))
        if len(self._finals) < _LEARNED:
            self._finals += (final_a,)
        middle = float(np.median(self._finals))
        if COMPARABLE[0] * middle <= final_a <= COMPARABLE[1] * middle:
            self._strangers = ()
            return True
        self._strangers += (final_a,)
        if len(self._strangers) == _LEARNED:
            # not a run of odd charges but another way of charging
            self._finals, self._strangers = self._strangers, ()
        return False


def _last(values: deque[float]) -> float:
    """The median of the newest three values that are there."""
    there = [value for value in values if value == value][-3:]
    return float(np.median(there)) if there else math.nan
