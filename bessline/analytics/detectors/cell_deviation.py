"""A cell that stands apart from its pack: the cross-section, at once."""

from __future__ import annotations

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Detector, Finding
from bessline.analytics.detectors.cell_grid import spread_of
from bessline.analytics.detectors.cell_voltages import CellVoltages
from bessline.analytics.sentences import place
from bessline.sources.base import Float64

#: So many readings are needed to know the resolution of the sensors.
FIRST = 12


class CellDeviation(Detector):
    """Voltage of each cell minus its pack's median, over the robust spread of all cells at this moment.

    It needs no past: what is usual is what the other cells do. The score counts robust standard deviations.
    """

    name = "cell_deviation"

    def __init__(self, subject: Subject, *, cells: CellVoltages | None = None) -> None:
        super().__init__(subject)
        self.cells = cells or CellVoltages(subject)
        self.channels = self.cells.grid.channels
        self._spread, self._looked = np.nan, 0

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; NaN while the current moves."""
        self.cells.update(t_ms, value)
        self._looked += 1
        if not self.cells.steady or self._looked <= FIRST:
            return np.full(len(self.channels), np.nan)
        self._spread = spread_of(self.cells.apart, least=self.cells.grid.resolution)
        score: Float64 = np.abs(self.cells.apart) / self._spread
        return score

    def explain(self, channel: int) -> Finding:
        """Volts, and millivolts from the pack's median."""
        cells = self.cells
        seen, apart = float(cells.value[channel]), float(cells.apart[channel])
        expected = float(cells.median[cells.grid.pack_of[channel]])
        return Finding(seen, expected, f"{apart_in_words(self.channels[channel], seen, apart)}; {self._usual()}")

    def _usual(self) -> str:
        return f"the spread of all cells is {1000 * self._spread:.1f} mV now"


def apart_in_words(name: str, seen: float, apart: float) -> str:
    """A cell's voltage (V) and how far it is from its pack's median (V).

    >>> apart_in_words("cells.p3_v17", 3.214, -0.041)
    "cell 3/17: 3.214 V, 41 mV under its pack's median"
    """
    side = "under" if apart < 0 else "over"
    return f"{place(name)}: {seen:.3f} V, {abs(1000 * apart):.0f} mV {side} its pack's median"
