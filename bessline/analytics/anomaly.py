"""One calibrated score for each signal of a device, and as many alarms as were asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bessline.analytics.across import SIGNALS, Across, Crossing
from bessline.analytics.base import Analytic, Event, Reading, Subject
from bessline.analytics.detectors import ACROSS, SINGLE
from bessline.analytics.detectors.base import HOLE_PERIODS, Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.staggered import turns_at
from bessline.analytics.episodes import AGAIN_MS, VAGUE, Episodes, Standing
from bessline.analytics.panel import Panel
from bessline.analytics.stamps import utc
from bessline.analytics.thresholds import BlockMaxima
from bessline.signals import lookup

WEEK_S = 604_800.0
#: So many 6-hour blocks with scores come before the first alarm.
LEAST_BLOCKS = 8
#: For so many (four weeks) a device is young: what it was never seen to do grows odder with all that it was seen to do.
YOUNG_BLOCKS = 4 * 28
#: The share of the budget that is for the detectors of single signals, where there are others that compare.
SINGLE_SHARE = 0.5
#: From so many decimal orders of magnitude beyond the threshold on, the least severe first.
SEVERITIES = (("info", 0.0), ("warning", 1.0), ("critical", 2.0))


def by_itself(name: str) -> bool:
    """Whether a stored signal is watched by itself: a measured one, and no cell (cells are watched beside each other).

    >>> by_itself("bms.voltage"), by_itself("cells.p3_v17"), by_itself("safety.fa1_smoke_flag")
    (True, False, False)
    """
    topic, _, field = name.partition(".")
    row = lookup(topic, field)
    return topic != "cells" and (row is None or row.kind == "measure")


class AnomalyScore(Analytic):
    """Every detector on every channel, calibrated, combined, and held to one budget of false alarms for the device.

    Parameters
    ----------
    subject: the device.
    false_alarms_per_week: the budget across all its signals. The threshold is the score that past 6-hour blocks of this
        device exceeded that often; nothing steers it.
    watched: which signals the detectors of single signals look at.

    The detectors that look across signals and cells have the other half of the budget, an even share each (see
    `Across`); a device without any gives all of it to its single signals. Alarms of all of them together are so at most
    as many as the budget says, whether they coincide or not. At its limit such a score is as high as a tick may be as
    often as the budget says; beyond it, it is a scale, not a measured probability.

    One cause is told once: within six hours of an event what else stands out of its kind waits, unless it can say how
    signals or cells contradict each other and what was told could not, or it is critical and nothing was yet.

    `surprise`: float64[channels], the newest scores as negative decimal logarithms, NaN before evidence.

    A channel's score is 1 - p, p being the share of its own past that was at least as odd; the threshold is on the same
    scale. Events are silent until a device has a day of scores and two days of blocks.
    """

    name = "anomaly"

    def __init__(
        self,
        subject: Subject,
        *,
        false_alarms_per_week: float = 0.5,
        watched: Callable[[str], bool] = by_itself,
    ) -> None:
        self.subject, self.false_alarms_per_week = subject, false_alarms_per_week
        self.panels = panels_of(subject, watched)
        self._channels = tuple(name for panel in self.panels for name in panel.channels)
        self._maxima = BlockMaxima(least=LEAST_BLOCKS, young=YOUNG_BLOCKS)
        self.surprise = np.full(len(self._channels), np.nan)
        self._raised_ms = np.full(len(self._channels), -(2**62), dtype=np.int64)
        self._last_ms: int | None = None
        self._across = Across(subject, per_week=(1 - SINGLE_SHARE) * false_alarms_per_week)
        self._single_per_week = false_alarms_per_week * (SINGLE_SHARE if self._across.compares else 1.0)
        self._episodes = Episodes()
        self._limit = -float(np.log10(false_alarms_per_week * subject.period_s / WEEK_S))

    def update(self, reading: Reading) -> Sequence[Event]:
        """See `Analytic.update`."""
        return (*self._update_across(reading), *self._update_single(reading))

    def _update_across(self, reading: Reading) -> list[Event]:
        """The channels beyond their limits, the farthest first, that are news."""
        found = self._across.update(reading.t_ms, reading.value)
        standing = [
            Standing(each.cause, each.group, VAGUE if each.vague else rank_of(self._limit * (each.times - 1)))
            for each in found
        ]
        return [
            Event(self.name, reading.t_ms, self._told_across(found[place], found, reading.t_ms))
            for place in self._episodes.news(reading.t_ms, standing)
        ]

    def _update_single(self, reading: Reading) -> Sequence[Event]:
        if not self._channels:
            return ()
        elapsed_s = self._elapsed_s(reading.t_ms)
        start, news = 0, False
        for panel in self.panels:
            end = start + len(panel.channels)
            surprise = panel.update(reading.t_ms, reading.value, elapsed_s=elapsed_s)
            if surprise is not None:
                self.surprise[start:end], news = surprise, True
            start = end
        return self._judge(reading.t_ms) if news else ()

    def judge_like(self, other: AnomalyScore, t_ms: int) -> Sequence[Event]:
        """Alarms by this one's budget on the scores that `other` has just worked out for the same device."""
        self.panels, self.surprise, self._last_ms = other.panels, other.surprise, t_ms
        return self._judge(t_ms)

    def _judge(self, t_ms: int) -> Sequence[Event]:
        highest = float(np.fmax.reduce(self.surprise))
        self._maxima.update(t_ms, highest)
        threshold = self._maxima.threshold(self._single_per_week)
        if threshold is None or not highest > threshold:
            return ()
        return self._raise(t_ms, threshold)

    def scores(self) -> Mapping[str, float | None]:
        """The newest score of each channel, 0 to 1; None before evidence."""
        return {
            name: None if np.isnan(surprise) else score_of(float(surprise))
            for name, surprise in zip(self._channels, self.surprise, strict=True)
        }

    def state(self) -> Mapping[str, Any]:
        """See `Analytic.state`."""
        learned = [panel.learning() for panel in self.panels]
        ready, total = sum(ready for ready, _ in learned), sum(total for _, total in learned)
        threshold = self._maxima.threshold(self._single_per_week)
        blocks = f"{min(self._maxima.blocks, LEAST_BLOCKS)} of {LEAST_BLOCKS} blocks of 6 hours"
        worst = None if np.isnan(self.surprise).all() else int(np.nanargmax(self.surprise))
        return {
            "timestamp": None if self._last_ms is None else utc(self._last_ms),
            "evidence": f"learning, {blocks}" if threshold is None else f"{ready} of {total} channels have learned",
            "coverage": ready / total if total else 0.0,
            "threshold": None if threshold is None else score_of(threshold),
            "false_alarms_per_week": self.false_alarms_per_week,
            "highest": None if worst is None else self._channels[worst],
            "score": None if worst is None else score_of(float(self.surprise[worst])),
        }

    def _elapsed_s(self, t_ms: int) -> float:
        last, self._last_ms = self._last_ms, t_ms
        longest = HOLE_PERIODS * self.subject.period_s
        return self.subject.period_s if last is None else min((t_ms - last) / 1000, longest)

    def _raise(self, t_ms: int, threshold: float) -> Sequence[Event]:
        """The oddest channel, if it has not just been raised; within an episode, nothing."""
        waiting = (t_ms - self._raised_ms < AGAIN_MS) | np.isnan(self.surprise)
        channel = int(np.where(waiting, -np.inf, self.surprise).argmax())
        surprise = float(self.surprise[channel])
        if waiting[channel] or not surprise > threshold:
            return ()
        if not self._episodes.news(t_ms, [Standing(self._channels[channel], SIGNALS, VAGUE)]):
            return ()
        self._raised_ms[channel] = t_ms
        return (Event(self.name, t_ms, self._told(channel, t_ms, threshold)),)

    def _told(self, channel: int, t_ms: int, threshold: float) -> Mapping[str, Any]:
        detector, found = self._explain(channel)
        surprise, name = float(self.surprise[channel]), self._channels[channel]
        evidence = f"threshold from {self._maxima.blocks} blocks of 6 hours"
        return self._words(name, t_ms, (surprise, threshold), detector=detector, found=found, evidence=evidence)

    def _told_across(self, one: Crossing, all_: Sequence[Crossing], t_ms: int) -> Mapping[str, Any]:
        others = len({each.channel for each in all_ if each.group == one.group} - {one.channel})
        found = one.finding
        if others:
            what = "cell" if one.channel.startswith("cells.") else "signal"
            also = f"{found.reason}; with it {others} more {what}{'s' if others > 1 else ''}"
            found = replace(found, reason=also)
        surprise = (self._limit * one.times, self._limit)
        return self._words(one.channel, t_ms, surprise, detector=one.detector, found=found, evidence=one.evidence)

    def _words(
        self, channel: str, t_ms: int, surprise: tuple[float, float], *, detector: str, found: Finding, evidence: str
    ) -> Mapping[str, Any]:
        """The event's data; `surprise` and the threshold that it passed."""
        topic, _, field = channel.partition(".")
        return {
            "device_id": self.subject.device_id,
            "timestamp": utc(t_ms),
            "topic": topic,
            "cell" if topic == "cells" else "signal": field,
            "score": score_of(surprise[0]),
            "threshold": score_of(surprise[1]),
            "severity": SEVERITIES[rank_of(surprise[0] - surprise[1])][0],
            "value": found.value,
            "expected": found.expected,
            "reason": found.reason,
            "detector": detector,
            "false_alarms_per_week": self.false_alarms_per_week,
            "evidence": evidence,
        }

    def _explain(self, channel: int) -> tuple[str, Finding]:
        for panel in self.panels:
            if channel < len(panel.channels):
                return panel.explain(channel)
            channel -= len(panel.channels)
        raise IndexError(channel)


def rank_of(beyond: float) -> int:
    """Place in `SEVERITIES` of what is so many decimal orders of magnitude `beyond` its threshold.

    >>> rank_of(0.3), rank_of(1.0), rank_of(7.0)
    (0, 1, 2)
    """
    return sum(beyond >= least for _, least in SEVERITIES[1:])


def score_of(surprise: float) -> float:
    """1 - p of a surprise (-log10 p).

    >>> score_of(3.0)
    0.999
    """
    return 1.0 - float(10.0**-surprise)


def panels_of(subject: Subject, watched: Callable[[str], bool]) -> tuple[Panel, ...]:
    """One for the detectors of single signals, and one for each that looks across signals and finds what it needs."""
    found = []
    inputs = np.array([n for n, name in enumerate(subject.signals) if watched(name)], dtype=np.int64)
    if len(inputs):
        names = tuple(subject.signals[n] for n in inputs)
        single = Subject(subject.device_id, names, subject.period_s, subject.timezone)
        changes = Changes(len(names), hole_s=HOLE_PERIODS * subject.period_s)
        detectors, pace = [kind(single, changes=changes) for kind in SINGLE], turns_at(subject.period_s)
        found.append(Panel(detectors, period_s=subject.period_s, inputs=inputs, changes=changes, turns=pace))
    across = [kind(subject) for kind in ACROSS]
    found += [Panel([detector], period_s=subject.period_s) for detector in across if detector.channels]
    return tuple(found)
