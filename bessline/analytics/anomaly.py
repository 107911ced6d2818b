"""One calibrated score for each signal of a device, and as many alarms as were asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from bessline.analytics.across import Across, Crossing
from bessline.analytics.base import Analytic, Event, Reading, Subject
from bessline.analytics.detectors import ACROSS, SINGLE
from bessline.analytics.detectors.base import HOLE_PERIODS, Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.staggered import turns_at
from bessline.analytics.panel import Panel
from bessline.analytics.stamps import utc
from bessline.analytics.thresholds import BlockMaxima
from bessline.signals import lookup

#: A channel is raised again at the earliest after so long, and so is a device, but for something odder still.
AGAIN_MS = 6 * 3_600_000
WEEK_S = 604_800.0
#: So many 6-hour blocks with scores come before the first alarm.
LEAST_BLOCKS = 8
#: So many channels beyond their limits are told of within that time: what moves all cells is one event, not 260.
MOST_ACROSS = 5
#: Decimal orders of magnitude beyond the threshold.
SEVERITIES = ((2.0, "critical"), (1.0, "warning"), (-np.inf, "info"))


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

    The detectors that look across signals and cells have limits of their own, so many robust standard deviations, for
    a rank in their own past would call a cell usual that was weak from the start. What they raise comes on top of the
    budget (docs/accuracy-demo.md counts it). At its limit such a score is as high as a tick may be as often as the
    budget says; beyond it, it is a scale, not a measured probability.

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
        self._maxima = BlockMaxima(least=LEAST_BLOCKS)
        self.surprise = np.full(len(self._channels), np.nan)
        self._raised_ms = np.full(len(self._channels), -(2**62), dtype=np.int64)
        self._last_ms: int | None = None
        self._episode_ms, self._episode_peak = -(2**62), 0.0
        self._across = Across(subject)
        self._crossed_ms: dict[str, int] = {}
        self._limit = -float(np.log10(false_alarms_per_week * subject.period_s / WEEK_S))

    def update(self, reading: Reading) -> Sequence[Event]:
        """See `Analytic.update`."""
        return (*self._update_across(reading), *self._update_single(reading))

    def _update_across(self, reading: Reading) -> list[Event]:
        """The channels beyond their limits, the farthest first, that have not been raised lately."""
        now = reading.t_ms
        found = self._across.update(now, reading.value)
        if found:
            self._crossed_ms = {name: at for name, at in self._crossed_ms.items() if now - at < AGAIN_MS}
        fresh = [each for each in found if each.channel not in self._crossed_ms]
        fresh = fresh[: max(0, MOST_ACROSS - len(self._crossed_ms))]
        self._crossed_ms |= {each.channel: now for each in fresh}
        return [Event(self.name, now, self._told_across(each, now)) for each in fresh]

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
        threshold = self._maxima.threshold(self.false_alarms_per_week)
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
        threshold = self._maxima.threshold(self.false_alarms_per_week)
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
        """The oddest channel, if it has not just been raised; within an episode, only what is odder still."""
        waiting = (t_ms - self._raised_ms < AGAIN_MS) | np.isnan(self.surprise)
        channel = int(np.where(waiting, -np.inf, self.surprise).argmax())
        surprise = float(self.surprise[channel])
        peak = self._episode_peak if t_ms - self._episode_ms < AGAIN_MS else threshold
        if waiting[channel] or not surprise > peak:
            return ()
        if peak == threshold:
            self._episode_ms = t_ms
        self._episode_peak = surprise
        self._raised_ms[channel] = t_ms
        return (Event(self.name, t_ms, self._told(channel, t_ms, threshold)),)

    def _told(self, channel: int, t_ms: int, threshold: float) -> Mapping[str, Any]:
        detector, found = self._explain(channel)
        surprise = float(self.surprise[channel])
        return self._words(self._channels[channel], t_ms, surprise, threshold=threshold, detector=detector, found=found)

    def _told_across(self, each: Crossing, t_ms: int) -> Mapping[str, Any]:
        surprise = self._limit * each.times
        return self._words(
            each.channel, t_ms, surprise, threshold=self._limit, detector=each.detector, found=each.finding
        )

    def _words(
        self, channel: str, t_ms: int, surprise: float, *, threshold: float, detector: str, found: Finding
    ) -> Mapping[str, Any]:
        topic, _, field = channel.partition(".")
        return {
            "device_id": self.subject.device_id,
            "timestamp": utc(t_ms),
            "topic": topic,
            "cell" if topic == "cells" else "signal": field,
            "score": score_of(surprise),
            "threshold": score_of(threshold),
            "severity": next(name for beyond, name in SEVERITIES if surprise - threshold >= beyond),
            "value": found.value,
            "expected": found.expected,
            "reason": found.reason,
            "detector": detector,
            "false_alarms_per_week": self.false_alarms_per_week,
        }

    def _explain(self, channel: int) -> tuple[str, Finding]:
        for panel in self.panels:
            if channel < len(panel.channels):
                return panel.explain(channel)
            channel -= len(panel.channels)
        raise IndexError(channel)


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
