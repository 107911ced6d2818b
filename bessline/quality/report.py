"""The quality of a device's signals, day by day, in bounded memory: one signal of a few days at a time.

Everything here reads files and blocks: call it in a thread, never on an event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from bessline.quality.days import Day, local_days
from bessline.quality.interpolation import interpolated
from bessline.quality.limits import outside
from bessline.quality.missing import expected, gaps
from bessline.quality.spans import Spans, clipped, spans_where
from bessline.quality.spikes import spikes
from bessline.quality.stale import stuck, stuck_after_ms, usual_rest_ms
from bessline.signals import lookup
from bessline.sources.base import Float64, Int64
from bessline.store import Store
from bessline.store.manifest import DeviceEntry, SignalEntry
from bessline.store.periods import LONE_PERIOD_S
from bessline.store.pyramid import LEVELS

#: Rows that one page looks at, about, and entries that it has, at most (but a day at least).
MOST_ROWS, MOST_ENTRIES = 2_000_000, 20_000
_DAY_S = 86_400
_HOUR = LEVELS["1h"]
#: So far beyond a page values are looked at, for what began before it or ends behind it.
_LONGEST_MARGIN_MS = 3 * LEVELS["1d"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Signals (``topic.field``) of a device over [start_ms, end_ms). `stuck_s`: how long the same value is no wonder;
    None leaves the checks of values out.
    """

    device_id: str
    names: tuple[str, ...]
    start_ms: int | None = None
    end_ms: int | None = None
    stuck_s: float | None = None


@dataclass(frozen=True, slots=True)
class SignalDay:
    """One signal on one day.

    `expected` is None for a signal without a period or whose values hold until they change. A day counts from the
    signal's first stamp on (of the rows that are kept), and to the newest stamp of the device: what fell silent is
    missing, what was not there yet is not. `findings` holds spans by the name of their check.
    """

    expected: int | None
    present: int
    first_ms: int | None
    last_ms: int | None
    gaps: Spans
    findings: dict[str, Spans]


@dataclass(frozen=True, slots=True)
class Page:
    """Days, and for each of them every signal's. `next_ms` is where the next page begins, None after the last."""

    days: tuple[Day, ...]
    signals: dict[str, tuple[SignalDay, ...]]
    next_ms: int | None


def page(store: Store, asked: Asked) -> Page:
    """As many whole days from the start of what is asked for as are read at once. The device and names are known."""
    device = store.devices[asked.device_id]
    alive_ms = max((entry.end_ms for entry in device.signals.values()), default=-1)
    begun_ms = min((device.signals[name].start_ms for name in asked.names), default=0)
    start_ms = begun_ms if asked.start_ms is None else max(begun_ms, asked.start_ms)
    end_ms = alive_ms + 1 if asked.end_ms is None else min(alive_ms + 1, asked.end_ms)
    days = tuple(islice(local_days(start_ms, end_ms, device.timezone), _days_at_once(device, asked.names)))
    if not days:
        return Page((), dict.fromkeys(asked.names, ()), None)
    signals = {name: tuple(_Signal(store, device, name, asked, alive_ms).days(days)) for name in asked.names}
    return Page(days, signals, days[-1].end_ms if days[-1].end_ms < end_ms else None)


def _days_at_once(device: DeviceEntry, names: Sequence[str]) -> int:
    periods = [device.signals[name].period_s or _DAY_S for name in names]
    rows = sum(_DAY_S / period for period in periods)
    return max(1, min(int(MOST_ROWS / max(rows, 1)), MOST_ENTRIES // max(1, len(names))))


class _Signal:
    """One signal, looked at over a few days."""

    def __init__(self, store: Store, device: DeviceEntry, name: str, asked: Asked, alive_ms: int) -> None:
        topic, _, field = name.partition(".")
        known = device.topics.get(topic)
        self._store, self._name, self._asked, self._alive_ms = store, name, asked, alive_ms
        self._entry: SignalEntry = device.signals[name]
        self._timezone = device.timezone
        self._signal = lookup(topic, field)
        self._tolerance_ms = self._entry.tolerance_ms(known.period_s if known else LONE_PERIOD_S)

    def days(self, days: Sequence[Day]) -> Iterator[SignalDay]:
        """Each of the days, which follow on each other."""
        stuck_ms = self._stuck_ms()
        margin_ms = max(self._tolerance_ms, round(min(stuck_ms, _LONGEST_MARGIN_MS)))
        low, high = days[0].start_ms - margin_ms, days[-1].end_ms + margin_ms
        t_ms, value = self._store.signal(self._asked.device_id, self._name).between(low, high)
        present = ~np.isnan(value)
        t_ms, value = t_ms[present], value[present]
        lost = gaps(self._bounded(t_ms, low, high), tolerance_ms=self._tolerance_ms)
        found = {} if self._asked.stuck_s is None else self._findings(t_ms, value, stuck_ms)
        for day in days:
            yield self._day(day, t_ms, lost=lost, found=found)

    def _bounded(self, t_ms: Int64, low: int, high: int) -> Int64:
        """With the bounds of what was read, where the signal has begun before and the device goes on behind."""
        before = [low] if self._entry.start_ms < low else []
        after = min(high, self._alive_ms)
        last = int(t_ms[-1]) if len(t_ms) else low
        return np.concatenate([before, t_ms, [after] if after > last else []]).astype(np.int64)

    def _day(self, day: Day, t_ms: Int64, *, lost: Spans, found: dict[str, Spans]) -> SignalDay:
        begin, end = np.searchsorted(t_ms, [day.start_ms, day.end_ms])
        return SignalDay(
            expected=self._expected(day),
            present=int(end - begin),
            first_ms=int(t_ms[begin]) if begin < end else None,
            last_ms=int(t_ms[end - 1]) if begin < end else None,
            gaps=_lasting(clipped(lost, day.start_ms, day.end_ms)),
            findings={check: clipped(spans, day.start_ms, day.end_ms) for check, spans in found.items()},
        )

    def _expected(self, day: Day) -> int | None:
        entry = self._entry
        if not entry.period_s or entry.hold_s is not None:
            return None
        end_ms = day.end_ms
        if end_ms > self._alive_ms:
            # the newest stamp stands for as long as those before it, but not into another day
            behind_ms = self._alive_ms + round(entry.period_s * 1000)
            end_ms = next(local_days(self._alive_ms, behind_ms, self._timezone)).end_ms
        return expected(max(day.start_ms, entry.start_ms), end_ms, period_s=entry.period_s)

    def _findings(self, t_ms: Int64, value: Float64, stuck_ms: float) -> dict[str, Spans]:
        valid = (None, None) if self._signal is None else self._signal.valid
        found = {"out_of_range": spans_where(outside(value, valid), t_ms, value)}
        if self._signal is None or self._signal.kind == "measure":
            found["stuck"] = stuck(t_ms, value, tolerance_ms=self._tolerance_ms, at_least_ms=stuck_ms)
            found["spikes"] = spans_where(spikes(t_ms, value), t_ms, value)
            found["interpolated"] = spans_where(interpolated(value), t_ms, value)
        return found

    def _stuck_ms(self) -> float:
        """From when on this signal is stuck: learned from every hour that is stored."""
        if self._asked.stuck_s is None:
            return 0.0
        entry = self._entry
        hours = self._store.pyramid(self._asked.device_id, self._name).between("1h", entry.start_ms, entry.end_ms)
        constant = (hours.min == hours.max) & (hours.min != 0)
        return stuck_after_ms(self._asked.stuck_s * 1000, usual_rest_ms(constant, width_ms=_HOUR))


def _lasting(spans: Spans) -> Spans:
    """Without those of which only an end lies in the day."""
    kept = spans.last_ms > spans.first_ms
    return Spans(spans.first_ms[kept], spans.last_ms[kept], spans.values[kept], spans.value[kept])
