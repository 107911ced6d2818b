"""The replay clock: where "now" lies in a stored history. It neither knows the time of day nor waits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

#: A hole longer than this many steps of a clock is crossed at once instead of waited through.
HOLE_STEPS = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A device's history: first and last stamp (ms) and the finest period of its topics (ms)."""

    device_id: str
    start_ms: int
    end_ms: int
    step_ms: int

    def __or__(self, other: Span) -> Span:
        """The span of two topics of one device."""
        return Span(
            self.device_id,
            min(self.start_ms, other.start_ms),
            max(self.end_ms, other.end_ms),
            min(self.step_ms, other.step_ms),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Devices that share one clock, the history they span together (ms), and the data time of one tick (ms).

    The name is that of the clock's earliest device, so a clock keeps it when devices join.
    """

    name: str
    devices: tuple[str, ...]
    start_ms: int
    end_ms: int
    step_ms: int


def plan(spans: Iterable[Span]) -> list[Plan]:
    """Clocks for devices: histories that overlap share one, directly or through others.

    >>> [p.devices for p in plan([Span("a", 0, 9, 1), Span("c", 20, 30, 1), Span("b", 5, 15, 2)])]
    [('a', 'b'), ('c',)]
    """
    groups: list[list[Span]] = []
    end_ms = 0
    for span in sorted(spans, key=lambda span: (span.start_ms, span.device_id)):
        if groups and span.start_ms <= end_ms:
            groups[-1].append(span)
            end_ms = max(end_ms, span.end_ms)
        else:
            groups.append([span])
            end_ms = span.end_ms
    return [_plan_of(group) for group in groups]


def _plan_of(group: list[Span]) -> Plan:
    first = group[0]
    return Plan(
        name=hashlib.blake2b(first.device_id.encode(), digest_size=4).hexdigest(),
        devices=tuple(sorted(span.device_id for span in group)),
        start_ms=first.start_ms,
        end_ms=max(span.end_ms for span in group),
        step_ms=max(1, min(span.step_ms for span in group)),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clock stands: how often it began again, and its data time (ms)."""

    lap: int
    t_ms: int


@dataclass(frozen=True, slots=True)
class Tick:
    """One step of a clock: readings with a stamp in (prev_ms, now_ms] are due.

    `reset`: the history was over and begins again with this tick. `crossing`: nothing is due; a hole common to all
    devices lies behind now, and the next tick brings the reading after it.
    """

    lap: int
    prev_ms: int
    now_ms: int
    reset: bool = False
    crossing: bool = False

    @property
    def place(self) -> Place:
        """Where the clock stands after this tick."""
        return Place(self.lap, self.now_ms)


class ReplayClock:
    """Walks through the history of `plan`, beginning at `place`.

    >>> clock = ReplayClock(Plan("c", ("a",), 0, 60, 10), Place(0, 0))
    >>> [clock.go(clock.look(next_ms)).now_ms for next_ms in (10, 60, 60, None)], clock.lap
    ([10, 50, 60, 0], 1)
    """

    def __init__(self, plan: Plan, place: Place) -> None:
        self.plan = plan
        self.lap = place.lap
        self.now_ms = min(max(place.t_ms, plan.start_ms), plan.end_ms)

    @property
    def place(self) -> Place:
        """Where the clock stands."""
        return Place(self.lap, self.now_ms)

    def look(self, next_ms: int | None) -> Tick:
        """What the next tick will be, without going there.

        `next_ms` is the stamp of the next reading of any of the clock's devices, None at the end of all histories.
        """
        step = self.plan.step_ms
        if next_ms is None:
            return Tick(self.lap + 1, self.plan.start_ms - step, self.plan.start_ms, reset=True)
        if next_ms - self.now_ms > HOLE_STEPS * step:
            return Tick(self.lap, self.now_ms, next_ms - step, crossing=True)
        return Tick(self.lap, self.now_ms, self.now_ms + step)

    def go(self, tick: Tick) -> Tick:
        """Go there."""
        self.lap, self.now_ms = tick.lap, tick.now_ms
        return tick


def begin(plan: Plan, *, saved: Place | None = None, start_ms: int | None = None) -> Place:
    """Where a clock begins: an explicit start beats the saved place, which beats the start of the history.

    An explicit start within the plan's history is a new lap, for time may go backwards with it.

    >>> p = Plan("c", ("a",), 0, 60, 10)
    >>> begin(p), begin(p, saved=Place(2, 30)), begin(p, saved=Place(2, 30), start_ms=20)
    (Place(lap=0, t_ms=0), Place(lap=2, t_ms=30), Place(lap=3, t_ms=20))
    """
    if start_ms is not None and plan.start_ms <= start_ms <= plan.end_ms:
        return Place(0 if saved is None else saved.lap + 1, start_ms)
    return Place(0, plan.start_ms) if saved is None else saved


class Metronome:
    """When ticks are due: the n-th at `start_s` + n x `interval_s` of monotonic seconds, so lateness never adds up.

    After a stop longer than `patience_s` (a suspended machine) the count starts anew: nobody wants a minute of data
    in one burst. What is replayed does not change, only when.

    >>> beat = Metronome(0.5, start_s=10.0)
    >>> beat.wait_s(10.0), beat.wait_s(10.25), beat.strike(), beat.late_s(10.75), beat.wait_s(10.75)
    (0.5, 0.25, None, 0.25, 0.25)
    """

    def __init__(self, interval_s: float, *, start_s: float, patience_s: float = 5.0) -> None:
        self.interval_s, self.patience_s = interval_s, patience_s
        self._start_s, self._n = start_s, 0

    def wait_s(self, now_s: float) -> float:
        """How long to wait for the next tick, 0 where it is due already."""
        wait_s = self._start_s + (self._n + 1) * self.interval_s - now_s
        if wait_s < -self.patience_s:
            self._start_s, self._n = now_s - self.interval_s, 0
        return max(0.0, wait_s)

    def strike(self) -> None:
        """That tick is now."""
        self._n += 1

    def late_s(self, now_s: float) -> float:
        """How much later than due the last tick is."""
        return max(0.0, now_s - self._start_s - self._n * self.interval_s)
