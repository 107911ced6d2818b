"""The topics of a device: their periods, and their timelines, written side by side by the workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from bessline.signals import BESS_TOPICS, READING_TOPICS, fields_of
from bessline.store.manifest import DeviceEntry, SignalEntry, TopicEntry
from bessline.store.periods import first_period_s
from bessline.store.rules import Rules
from bessline.store.timeline import Held, TimelineSummary, write_timeline

BESS = "bess"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a timeline is made of. `whole_rows`: its instants are the stamps of its rows, and not those of a grid."""

    signals: tuple[SignalEntry, ...]
    period_s: float
    whole_rows: bool


class Topics:
    """Makes the timelines of the devices of the store at `path`.

    Parameters
    ----------
    target: gives a new file of a device, by the device and what the file is.
    """

    def __init__(self, path: Path, rules: Rules, *, pool: Executor, target: Callable[[str, str], Path]) -> None:
        self._path, self._rules, self._pool, self._target = path, rules, pool, target

    def of(self, device_id: str, device: DeviceEntry) -> dict[str, TopicEntry]:
        """The topics that the device has readings of, each with its new timeline, and ``bess``, which goes with them.

        ``bess`` has the grid of the finest of them and the stamps of whole rows; it waits for those it is made of.
        """
        wanted = [topic for topic in READING_TOPICS if any(field in fields_of(topic) for field in device.fields(topic))]
        plans = {topic: self._plan(device_id, device, topic) for topic in wanted}
        beside = {topic: plans[topic] for topic in BESS_TOPICS if topic in plans}
        if beside:
            plans[BESS] = self._plan_together(device_id, device, list(beside.values()))
        # the longest first, so that no worker is left alone with it, but for the one that the others must be there for
        order = sorted(plans, key=lambda topic: (topic == BESS, -len(plans[topic].signals)))
        written: dict[str, _Written] = {}
        for topic in order:
            parts = {part: written[part] for part in beside} if topic == BESS else {}
            written[topic] = self._write(device_id, topic, plans, parts)
        return {topic: written[topic].entry(plan, self._path) for topic, plan in plans.items()}

    def _plan(self, device_id: str, device: DeviceEntry, topic: str) -> _Plan:
        known, signals = device.topics.get(topic), _signals(device, topic)
        whole_rows = known.whole_rows if known else self._rules.whole_rows(device_id, topic)
        period_s = known.period_s if known else self._rules.period_s(device_id, topic)
        return _Plan(signals, period_s or first_period_s(signals, whole_rows=whole_rows), whole_rows)

    def _plan_together(self, device_id: str, device: DeviceEntry, parts: Sequence[_Plan]) -> _Plan:
        known = device.topics.get(BESS)
        whole_rows = known.whole_rows if known else any(part.whole_rows for part in parts)
        period_s = known.period_s if known else self._rules.period_s(device_id, BESS)
        signals = tuple(signal for part in parts for signal in part.signals)
        return _Plan(signals, period_s or min(part.period_s for part in parts), whole_rows)

    def _write(self, device_id: str, topic: str, plans: Mapping[str, _Plan], parts: Mapping[str, _Written]) -> _Written:
        """Begin the timeline of a topic. `parts`: what it is made of, where that is other topics."""
        plan, target = plans[topic], self._target(device_id, f"timeline-{topic}")
        whole_rows = [part for part in parts if plan.whole_rows or plans[part].whole_rows]
        # a timeline on the same grid has all instants that its signals have here
        alike = [] if whole_rows else [part for part in parts if plans[part].period_s == plan.period_s]
        ready = {signal.file for part in alike for signal in plans[part].signals}
        held = [
            Held(self._path / signal.file, signal.tolerance_ms(plan.period_s), signal.markers > 0)
            for signal in plan.signals
            if signal.file not in ready
        ]
        rows = [] if parts or not plan.whole_rows else [self._path / signal.file for signal in plan.signals]
        future = self._pool.submit(
            write_timeline,
            held,
            target,
            period_ms=round(plan.period_s * 1000),
            stamps=rows or [parts[part].file() for part in whole_rows],
            grid=not plan.whole_rows,
            parts=[parts[part].file() for part in alike],
        )
        return _Written(target, future)


def _signals(device: DeviceEntry, topic: str) -> tuple[SignalEntry, ...]:
    stored = device.fields(topic)
    return tuple(device.signals[f"{topic}.{field}"] for field in fields_of(topic) if field in stored)


class _Written:
    """A timeline that is being written."""

    def __init__(self, target: Path, future: Future[TimelineSummary]) -> None:
        self._target, self._future = target, future

    def file(self) -> Path:
        """Its file, once it is there."""
        self._future.result()
        return self._target

    def entry(self, plan: _Plan, store: Path) -> TopicEntry:
        found = self._future.result()
        return TopicEntry(
            period_s=plan.period_s,
            whole_rows=plan.whole_rows,
            timeline=str(self._target.relative_to(store)),
            rows=found.rows,
            start_ms=found.start_ms,
            end_ms=found.end_ms,
            coverage=_coverage(found, plan.period_s),
        )


def _coverage(found: TimelineSummary, period_s: float) -> float | None:
    """Share of the span between first and last reading, one period included, that is not lost in gaps."""
    if found.start_ms is None or found.end_ms is None:
        return None
    return round(1 - found.gap_ms / (found.end_ms - found.start_ms + period_s * 1000), 6)
