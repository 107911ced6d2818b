"""The detectors that look across signals and cells, each with its limit, and what is worth telling of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.detectors.cell_change import CellChange
from bessline.analytics.detectors.cell_deviation import CellDeviation
from bessline.analytics.detectors.cell_grid import CellGrid
from bessline.analytics.detectors.cell_resistance import CellResistance
from bessline.analytics.detectors.cell_temperature import CellTemperature, StuckTemperature
from bessline.analytics.detectors.cell_voltages import CellVoltages
from bessline.analytics.detectors.joint import JointShape
from bessline.analytics.detectors.operating_points import OperatingPoints
from bessline.analytics.detectors.relations import Relations
from bessline.analytics.detectors.silence import Silence
from bessline.analytics.detectors.stillness import Stillness
from bessline.analytics.thresholds import BLOCK_MS, FittedTail
from bessline.sources.base import Float64, Int64

#: Robust standard deviations that are worth an alarm. Healthy cells and relations stay under six.
LIMIT = 7.0
#: No limit is raised beyond this: what lies so far out is told, however restless the device is.
HIGHEST_LIMIT = 10.0
#: Cells at a knee of their curve stand apart by up to seven for a moment, and there is no past to compare it with.
DEVIATION_LIMIT = 8.0
#: A shape was learned from where the device has been; a little beyond that it fits less.
JOINT_LIMIT = 8.0
#: Resistances are means over days, so they hardly fluctuate, and what they show is some visits old.
RESISTANCE_LIMIT = 5.0
#: It counts steps of the sensor's resolution that the pack went while the cell showed not one.
STUCK_LIMIT = 4.0
#: What a channel is accustomed to counts when it lies so many blocks back, and is forgotten over so many.
OLD_BLOCKS, FORGET_BLOCKS = 8, 4 * 28
#: So much beyond what it is accustomed to is odd again.
BEYOND = 1.3
#: So many 6-hour blocks (a week) come before a device's own past may raise a limit; what alarmed does not count in it
#: for so long.
LEAST_BLOCKS, APART_MS = 28, OLD_BLOCKS * BLOCK_MS
#: The group of what is told of single signals and of how they fit together.
SIGNALS = "signals"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A channel whose score is beyond its limit: `times` over it (more than 1).

    `group`: the others that may have the same cause. `cause`: by what it is known while it goes on. `vague`: it
    cannot say of what it is. `evidence`: what the limit rests on.
    """

    detector: str
    channel: str
    times: float
    finding: Finding
    group: str
    cause: str
    vague: bool
    evidence: str


class Accustomed:
    """What each channel has done for two days is no news any more.

    The highest score of each channel in the 6-hour blocks older than that; it fades over four weeks.
    """

    def __init__(self, n: int) -> None:
        self._recent = np.zeros((OLD_BLOCKS, n))
        self._now, self.level = np.zeros(n), np.zeros(n)
        self._block: int | None = None

    def update(self, t_ms: int, score: Float64) -> None:
        """Take the scores of one instant (float64[n], NaN for none)."""
        block = t_ms // BLOCK_MS
        if self._block is None:
            self._block = block
        for _ in range(min(block - self._block, OLD_BLOCKS + 1)):
            self._close()
        self._block = block
        np.fmax(self._now, score, out=self._now)

    def _close(self) -> None:
        self.level = np.maximum(self.level * (1 - 1 / FORGET_BLOCKS), self._recent[0])
        self._recent[:-1] = self._recent[1:]
        self._recent[-1], self._now = self._now, np.zeros(len(self._now))


class Part:
    """One detector, its limit, and its share of the device's false alarms.

    The limit counts robust standard deviations, because a rank in its own past would call a cell usual that was weak
    from the start. It is never lower; where the 6-hour maxima of healthy channels say that it would be passed more
    often than `per_week`, it is higher, up to `HIGHEST_LIMIT`. A channel that alarmed lately, or is accustomed to
    that, is not healthy.
    """

    def __init__(self, detector: Detector, *, limit: float, per_week: float) -> None:
        self.detector, self.limit, self.per_week = detector, limit, per_week
        n = len(detector.channels)
        self._accustomed = Accustomed(n)
        self._past = FittedTail(least=LEAST_BLOCKS)
        self._alarmed_ms: Int64 = np.full(n, -(2**62), dtype=np.int64)

    def update(self, t_ms: int, value: Float64) -> list[Crossing]:
        """The channels that are beyond the limit at `t_ms`."""
        score = self.detector.score(t_ms, value)
        habit = BEYOND * self._accustomed.level
        times = score / np.maximum(self.limit, habit)
        self._accustomed.update(t_ms, score)
        raised = self._raised()
        beyond = times > raised
        self._alarmed_ms[beyond] = t_ms
        healthy = (habit <= self.limit) & (t_ms - self._alarmed_ms > APART_MS)
        self._past.update(t_ms, float(np.fmax.reduce(np.where(healthy, times, np.nan))))
        return [self._crossing(int(channel), times[channel] / raised, raised) for channel in np.flatnonzero(beyond)]

    def _raised(self) -> float:
        """How many times the lowest limit it is now."""
        if self.detector.own_limit is not None:
            return 1.0
        return min(max(1.0, self._past.threshold(self.per_week) or 1.0), HIGHEST_LIMIT / self.limit)

    def _crossing(self, channel: int, times: float, raised: float) -> Crossing:
        name, finding = self.detector.channels[channel], self.detector.explain(channel)
        kind, vague = self.detector.name, self.detector.one_cause
        cause = kind if vague else name
        return Crossing(kind, name, float(times), finding, self._group(name), cause, vague, self._evidence(raised))

    def _group(self, channel: str) -> str:
        """Cells of one pack, those that have a limit of their own, and the signals of the device."""
        pack, _, cell = channel.partition("_")
        if self.detector.own_limit is not None:
            return self.detector.name
        if channel in self.detector.causes:
            return f"{self.detector.name}.{channel}"
        return f"{pack}_{cell[0]}" if channel.startswith("cells.") else SIGNALS

    def _evidence(self, raised: float) -> str:
        if self.detector.own_limit is not None:
            return f"limit: {self.detector.own_limit}"
        blocks = self._past.blocks
        past = f"{blocks} blocks of 6 hours" if blocks >= LEAST_BLOCKS else f"{blocks} of {LEAST_BLOCKS} blocks yet"
        return f"limit {self.limit * raised:.1f} robust standard deviations, checked against {past}"


class Across:
    """All detectors that look across the signals of one device, `per_week` false alarms among them.

    Each has an even share, and its limit is one for all its channels together.
    """

    def __init__(self, subject: Subject, *, per_week: float = 0.25) -> None:
        still = Stillness(subject)
        points = OperatingPoints(subject, cells=CellVoltages(subject, still=still))
        temperatures = CellGrid(subject.signals, kind="t")
        detectors: Sequence[tuple[Detector, float]] = (
            (CellDeviation(subject, cells=points.cells), DEVIATION_LIMIT),
            (CellChange(subject, points=points), LIMIT),
            (CellResistance(subject, points=points), RESISTANCE_LIMIT),
            (CellTemperature(subject, grid=temperatures), LIMIT),
            (StuckTemperature(subject, grid=temperatures), STUCK_LIMIT),
            (Relations(subject, still=still), LIMIT),
            (JointShape(subject, still=still), JOINT_LIMIT),
            (Silence(subject), 1.0),
        )
        there = [(each, limit) for each, limit in detectors if each.channels]
        share = per_week / max(1, len(there))
        self.parts = [Part(each, limit=limit, per_week=share) for each, limit in there]

    @property
    def compares(self) -> bool:
        """Whether there is anything to compare, so that it needs a share of the false alarms."""
        return any(part.detector.own_limit is None for part in self.parts)

    def update(self, t_ms: int, value: Float64) -> list[Crossing]:
        """All channels beyond their limits at `t_ms`, the farthest first."""
        found = [crossing for part in self.parts for crossing in part.update(t_ms, value)]
        return sorted(found, key=lambda each: -each.times)
