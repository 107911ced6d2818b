"""A cell that resists more than its pack."""

from __future__ import annotations

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.detectors.cell_grid import MAD_TO_SD
from bessline.analytics.detectors.operating_points import OperatingPoints
from bessline.analytics.sentences import place
from bessline.sources.base import Float64

EVERY_MS = 3_600_000
#: Differences under this are beyond what millivolts can tell, in ohm.
LEAST_OHM = 2e-6


class CellResistance(Detector):
    """How much more each cell's voltage falls per ampere than its pack's, over the robust spread of all cells.

    Worked out once an hour of data from some days of operating points; in between the last answer holds.
    """

    name = "cell_resistance"

    def __init__(self, subject: Subject, *, points: OperatingPoints | None = None) -> None:
        super().__init__(subject)
        self.points = points or OperatingPoints(subject)
        self.channels = self.points.cells.grid.channels
        n = len(self.channels)
        self._more, self._score = np.full(n, np.nan), np.full(n, np.nan)
        self._spread = np.nan
        self._done_ms: int | None = None

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; in robust standard deviations, only upwards."""
        self.points.update(t_ms, value)
        if self._done_ms is None or t_ms - self._done_ms >= EVERY_MS:
            self._done_ms = t_ms
            self._work_out()
        return self._score

    def _work_out(self) -> None:
        ohms = self.points.ohms()
        if ohms is None:
            return
        self._more = ohms - float(np.median(ohms))
        self._spread = max(LEAST_OHM, MAD_TO_SD * float(np.median(np.abs(self._more))))
        self._score = np.maximum(self._more, 0.0) / self._spread

    def explain(self, channel: int) -> Finding:
        """Milliohm over the median of all cells."""
        more = 1000 * float(self._more[channel])
        reason = (
            f"{place(self.channels[channel])}: {more:.3f} mΩ more resistance than the median cell; "
            f"the spread of all cells is {1000 * self._spread:.3f} mΩ"
        )
        return Finding(None, None, reason)
