"""Alarms: rules with a duration, a hysteresis and a rest, each with a reason in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from bessline.analytics.alarm_rules import STANDARD, Rule, RuleBook
from bessline.analytics.alarm_watch import Watch
from bessline.analytics.base import Analytic, Event, Reading, Subject
from bessline.analytics.derived import SILENCE, Derived, Measure, matching, worst
from bessline.analytics.stamps import utc
from bessline.signals import UNIT_SYMBOLS


class Alarms(Analytic):
    """Watches the rules of one device.

    Parameters
    ----------
    book: the rules of every device; those whose signals this one lacks sleep. `bessline.alarm_file` reads it from YAML.
    """

    name = "alarm"

    def __init__(self, subject: Subject, *, book: RuleBook = STANDARD) -> None:
        self._subject = subject
        self._derived = Derived(subject)
        self._begin(book.of(subject.device_id), {})

    def with_rules(self, book: RuleBook) -> None:
        """From now on by `book`. What is known of a rule that stays as it is goes on; that of others is forgotten."""
        self._begin(book.of(self._subject.device_id), self._watches)

    def _begin(self, rules: Sequence[Rule], known: dict[tuple[str, str], Watch]) -> None:
        self._rules = tuple(rules)
        self._watches = {key: watch for key, watch in known.items() if watch.rule in self._rules}
        self._by_measure: dict[str, list[Rule]] = {}
        columns: list[int] = []
        self._plain: list[tuple[Rule, slice]] = []
        for rule in self._rules:
            if rule.signal in self._derived.names:
                self._by_measure.setdefault(rule.signal, []).append(rule)
            elif places := matching(self._subject.signals, rule.signal):
                self._plain.append((rule, slice(len(columns), len(columns) + len(places))))
                columns += places
        self._columns = np.array(columns, np.int64)
        spans = [(rule, span.stop - span.start) for rule, span in self._plain]
        self._signs = np.array([rule.sign for rule, count in spans for _ in range(count)], np.float64)
        self._limits = np.array([_limit(rule) for rule, count in spans for _ in range(count)], np.float64)
        self._starts = np.array([span.start for _, span in self._plain], np.int64)

    def update(self, reading: Reading) -> Sequence[Event]:
        """One tick: what was raised, and what was cleared."""
        events = [*self.passed(reading.t_ms - 1), *self._see_signals(reading)]
        for measure in self._derived.update(reading):
            for rule in self._by_measure.get(measure.name, ()):
                events += self._see(rule, reading.t_ms, measure, signal=measure.name)
        return events

    def passed(self, t_ms: int) -> list[Event]:
        """A topic that is silent for long enough is an alarm at that moment, not when it speaks again."""
        events: list[Event] = []
        silence = self._derived.silence
        for topic, last_ms in zip(silence.topics, silence.last_ms, strict=True):
            if last_ms is None:
                continue
            for rule in self._by_measure.get(SILENCE, ()):
                key = rule.name, topic
                watch = self._watches.get(key) or Watch(rule, topic)
                if (due_ms := watch.silent(t_ms, last_ms, signal=SILENCE)) is not None:
                    self._watches[key] = watch
                    measure = Measure(SILENCE, watch.value, topic)
                    events.append(Event(self.name, due_ms, self._data(watch, "raised", due_ms, measure)))
        return events

    def _see_signals(self, reading: Reading) -> list[Event]:
        if not self._plain:
            return []
        values = reading.value[self._columns]
        bad = np.logical_or.reduceat(values * self._signs > self._limits, self._starts)
        events: list[Event] = []
        for n, (rule, span) in enumerate(self._plain):
            watch = self._watches.get((rule.name, ""))
            # nearly always: nothing is bad, and nothing was
            if not bad[n] and (watch is None or watch.is_idle):
                continue
            place = worst(values[span], sign=rule.sign)
            if place >= 0:
                signal = self._subject.signals[self._columns[span.start + place]]
                events += self._see(rule, reading.t_ms, Measure(signal, float(values[span][place])), signal=signal)
        return events

    def _see(self, rule: Rule, t_ms: int, measure: Measure, *, signal: str) -> list[Event]:
        watch = self._watches.get((rule.name, measure.where))
        if watch is None:
            if math.isnan(measure.value) or not rule.is_bad(measure.value):
                return []
            watch = self._watches[rule.name, measure.where] = Watch(rule, measure.where)
        done = watch.see(t_ms, measure.value, signal=signal)
        if done is None:
            return []
        # who speaks of the time before, when his silence was told already, ends it no earlier than it began
        t_ms = max(t_ms, watch.raised_ms or t_ms)
        event = Event(self.name, t_ms, self._data(watch, done, t_ms, measure))
        if done == "cleared":
            watch.rest()
        return [event]

    def _data(self, watch: Watch, done: Literal["raised", "cleared"], t_ms: int, measure: Measure) -> dict[str, Any]:
        rule = watch.rule
        parts = (self._subject.device_id, rule.name, watch.where, str(watch.raised_ms))
        return {
            "device_id": self._subject.device_id,
            "timestamp": utc(t_ms),
            "alarm_id": ".".join(part for part in parts if part),
            "rule": rule.name,
            "state": done,
            "severity": rule.severity,
            "signal": measure.name if not watch.where else watch.where,
            "value": round(measure.value, 6),
            "threshold": rule.threshold,
            "since": utc(watch.since_ms or t_ms),
            "reason": _reason(watch, done, t_ms, measure),
            "coverage": round(measure.coverage, 4),
        }

    def state(self) -> dict[str, Any]:
        """What is raised now, how many rules are watched, and which sleep because the device lacks their signals."""
        has = {rule.name for rule, _ in self._plain} | {
            rule.name for rules in self._by_measure.values() for rule in rules
        }
        raised = [watch for watch in self._watches.values() if watch.raised_ms is not None]
        return {
            "open": [
                {
                    "rule": watch.rule.name,
                    "severity": watch.rule.severity,
                    "signal": watch.where or watch.signal,
                    "since": utc(watch.since_ms or 0),
                    "raised": utc(watch.raised_ms or 0),
                }
                for watch in raised
            ],
            "rules": len(has),
            "asleep": sorted(rule.name for rule in self._rules if rule.name not in has),
        }


def _limit(rule: Rule) -> float:
    """A value times the sign is bad when it is greater than this."""
    edge = rule.sign * rule.threshold
    return float(np.nextafter(edge, -np.inf)) if rule.comparison.endswith("=") else edge


def _reason(watch: Watch, done: Literal["raised", "cleared"], t_ms: int, measure: Measure) -> str:
    """A sentence with numbers and units."""
    if measure.name == SILENCE:
        return _of_silence(watch, done, t_ms)
    rule = watch.rule
    what = f"{rule.what} {watch.where}".strip() if watch.where else _named(rule, measure)
    limit, side = _with_unit(rule.threshold, rule.unit), "above" if rule.sign > 0 else "under"
    if done == "cleared":
        return f"{what}: back at {_with_unit(measure.value, rule.unit)}, no longer {side} {limit}"
    for_s = (t_ms - (watch.since_ms or t_ms)) / 1000
    lasting = f" for {_span(for_s)}" if for_s else ""
    evidence = f" ({measure.evidence})" if measure.evidence else ""
    reached = "at or " if rule.comparison.endswith("=") else ""
    return f"{what}: {_with_unit(measure.value, rule.unit)}, {reached}{side} {limit}{lasting}{evidence}"


def _of_silence(watch: Watch, done: Literal["raised", "cleared"], t_ms: int) -> str:
    since_ms = watch.since_ms or t_ms
    lasting = _span((t_ms - since_ms) / 1000)
    if done == "cleared":
        return f"{watch.where} speaks again after {lasting}"
    return f"no value of {watch.where} since {utc(since_ms)[:-5].replace('T', ' ')} UTC, for {lasting}"


def _named(rule: Rule, measure: Measure) -> str:
    """Which of several signals it is, where a rule watches more than one."""
    return f"{rule.what} ({measure.name})" if "*" in rule.signal else rule.what


def _with_unit(value: float, unit: str) -> str:
    if unit == "s":
        return _span(value)
    if unit == "V" and abs(value) < 1:
        return f"{1000 * value:.4g} mV"
    return f"{value:.4g} {UNIT_SYMBOLS.get(unit, unit)}".strip()


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
