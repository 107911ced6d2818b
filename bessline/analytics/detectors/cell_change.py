"""A cell that stands otherwise than it used to: a sensor that jumped, a cell that drifts off."""

from __future__ import annotations

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.detectors.cell_deviation import apart_in_words
from bessline.analytics.detectors.cell_grid import spread_of
from bessline.analytics.detectors.operating_points import OperatingPoints
from bessline.sources.base import Float64


class CellChange(Detector):
    """The deviation of each cell from its pack's median against its own usual one at this state of charge and current.

    Over the robust spread of that difference among all cells, or over what this cell's usually is if that is more. So
    a moment in which all cells are restless, or a point at which one always is, is no oddness.
    """

    name = "cell_change"

    def __init__(self, subject: Subject, *, points: OperatingPoints | None = None) -> None:
        super().__init__(subject)
        self.points = points or OperatingPoints(subject)
        self.channels = self.points.cells.grid.channels

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; in robust standard deviations, NaN at a point that was not visited before."""
        points = self.points
        points.update(t_ms, value)
        if points.row is None or np.isnan(points.error).all():
            return np.full(len(self.channels), np.nan)
        scale = spread_of(points.error, least=points.cells.grid.resolution)
        score: Float64 = np.abs(points.error) / np.maximum(scale, 2 * points.usual_error)
        return score

    def explain(self, channel: int) -> Finding:
        """Volts, the deviation, and the usual deviation."""
        cells, error = self.points.cells, float(self.points.error[channel])
        seen, apart = float(cells.value[channel]), float(cells.apart[channel])
        usual = apart - error
        words = apart_in_words(self.channels[channel], seen, apart)
        side = "under" if usual < 0 else "over"
        habit = f"at this state of charge and current it usually is {abs(1000 * usual):.0f} mV {side} it"
        return Finding(seen, seen - error, f"{words}; {habit}")
