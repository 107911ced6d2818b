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
from bessline.sources.base import Float64

#: Robust standard deviations that are worth an alarm. Healthy cells and relations stay under six.
LIMIT = 7.0
#: What a channel is accustomed to counts when it lies so many blocks back, and is forgotten over so many.
BLOCK_MS, OLD_BLOCKS, FORGET_BLOCKS = 6 * 3_600_000, 8, 4 * 28
#: So much beyond what it is accustomed to is odd again.
BEYOND = 1.3


@dataclass(frozen=True, slots=True)
class Crossing:
    """A channel whose score is beyond its limit: `times` over it (more than 1)."""

    detector: str
    channel: str
    times: float
    finding: Finding


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


class Across:
    """All detectors that look across the signals of one device.

    Their scores count robust standard deviations (`Silence`: shares of its own limit) and need no ranking among their
    own past: a cell that was weak from the start would be usual there.
    """

    def __init__(self, subject: Subject) -> None:
        still = Stillness(subject)
        points = OperatingPoints(subject, cells=CellVoltages(subject, still=still))
        temperatures = CellGrid(subject.signals, kind="t")
        detectors: Sequence[tuple[Detector, float]] = (
            (CellDeviation(subject, cells=points.cells), LIMIT),
            (CellChange(subject, points=points), LIMIT),
            (CellResistance(subject, points=points), LIMIT),
            (CellTemperature(subject, grid=temperatures), LIMIT),
            (StuckTemperature(subject, grid=temperatures), LIMIT),
            (Relations(subject, still=still), LIMIT),
            (JointShape(subject, still=still), LIMIT),
            (Silence(subject), 1.0),
        )
        self._parts = [(each, limit, Accustomed(len(each.channels))) for each, limit in detectors if each.channels]

    def update(self, t_ms: int, value: Float64) -> list[Crossing]:
        """All channels beyond their limits at `t_ms`, the farthest first."""
        found = []
        for detector, limit, accustomed in self._parts:
            score = detector.score(t_ms, value)
            times = score / np.maximum(limit, BEYOND * accustomed.level)
            accustomed.update(t_ms, score)
            for channel in np.flatnonzero(times > 1):
                found.append(self._crossing(detector, int(channel), float(times[channel])))
        return sorted(found, key=lambda each: -each.times)

    @staticmethod
    def _crossing(detector: Detector, channel: int, times: float) -> Crossing:
        return Crossing(detector.name, detector.channels[channel], times, detector.explain(channel))
