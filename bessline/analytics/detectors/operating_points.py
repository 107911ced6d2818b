"""How far each cell usually is from its pack, by state of charge and direction of the current."""

from __future__ import annotations

import math
from typing import cast

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.cell_voltages import CHARGE, DISCHARGE, CellVoltages
from bessline.sources.base import Float64, Int64

BINS = 40
#: A point is known when it was visited before the last hours, and seen in so many readings.
KNOWN_MS, KNOWN_N = 3 * 3_600_000, 4
#: A mean reaches back over about so much time at its point: some visits, a day or two.
REACH_S = 720.0
#: What resistances are worked out from is newer: a visit replaces most of what was there before.
NEW_S = 150.0


class OperatingPoints:
    """Shared by the detectors that know each cell's habit.

    After each `update`: `row`, the number of the point (``None`` when there is none to compare at), `known`, `error`
    (float64[channels], V, the deviation minus the usual one at this point, NaN where not known) and `usual_error`, how
    large it usually is.
    """

    def __init__(self, subject: Subject, *, cells: CellVoltages | None = None) -> None:
        self.cells = cells or CellVoltages(subject)
        n, rows = len(self.cells.grid.channels), 3 * BINS
        self.mean = np.zeros((rows, n), dtype=np.float32)
        self.size = np.zeros((rows, n), dtype=np.float32)
        self._newest = np.zeros((rows, n), dtype=np.float32)
        self.count, self.amps = np.zeros(rows), np.zeros(rows)
        self._first_ms: Int64 = np.full(rows, -1, dtype=np.int64)
        self.row: int | None = None
        self._reach, self._new = (max(3.0, reach_s / subject.period_s) for reach_s in (REACH_S, NEW_S))
        self._stay, self._stays_at = 0, -1
        self.error, self.usual_error = np.full(n, np.nan), np.full(n, np.nan)
        self._last_ms: int | None = None

    @staticmethod
    def place(soc: float, regime: int) -> int:
        """The point of a state of charge (%, NaN for unknown) and a regime.

        >>> OperatingPoints.place(50.0, CHARGE), OperatingPoints.place(100.0, DISCHARGE)
        (20, 119)
        """
        bin_ = 0 if math.isnan(soc) else min(max(int(soc * BINS / 100), 0), BINS - 1)
        return regime * BINS + bin_

    def update(self, t_ms: int, value: Float64) -> None:
        """Take the values of one instant: first compare, then learn."""
        if self._last_ms == t_ms:
            return
        self._last_ms = t_ms
        cells = self.cells
        cells.update(t_ms, value)
        self.row = self.place(cells.soc, cells.regime) if cells.steady else None
        if self.row is None:
            return
        row = self.row
        error = cells.apart - self.mean[row]
        known = self.count[row] >= KNOWN_N and t_ms - self._first_ms[row] > KNOWN_MS
        self.error = error if known else np.full(len(error), np.nan)
        self.usual_error = self.size[row].astype(np.float64)
        self._learn(t_ms, row, error)

    def _learn(self, t_ms: int, row: int, error: Float64) -> None:
        if self.count[row] == 0:
            self._first_ms[row] = t_ms
        self.count[row] += 1
        # A long stay at one point teaches it less and less, so that what changes meanwhile is seen.
        self._stay = self._stay + 1 if row == self._stays_at else 0
        self._stays_at = row
        pace = max(1 / self.count[row], 1 / (self._reach + self._stay))
        step = np.where(np.isnan(error), 0.0, error)
        self.mean[row] += pace * step
        apart = np.where(np.isnan(error), self._newest[row], self.cells.apart)
        self._newest[row] += max(1 / self.count[row], 1 / self._new) * (apart - self._newest[row])
        self.amps[row] += pace * (self.cells.amps - self.amps[row])
        # The first value of all is no error: there was nothing to compare it with.
        self.size[row] += pace * (np.abs(step) * (self.count[row] > 1) - self.size[row])

    def ohms(self, *, low_soc: float = 20, high_soc: float = 80, least: int = 6) -> Float64 | None:
        """Resistance of each cell over that of its pack's median, in ohm: float64[channels]; None without evidence.

        Between charge and discharge at one state of charge only the current differs: what a cell is further from its
        pack's median, divided by it, is resistance. The mean over the points between `low_soc` and `high_soc` (%), of
        which `least` must be known both ways.
        """
        bins = np.arange(int(low_soc * BINS / 100), int(high_soc * BINS / 100))
        up, down = CHARGE * BINS + bins, DISCHARGE * BINS + bins
        both = (self.count[up] >= KNOWN_N) & (self.count[down] >= KNOWN_N)
        if both.sum() < least:
            return None
        up, down = up[both], down[both]
        amps = (self.amps[down] - self.amps[up])[:, None]
        return cast(Float64, ((self._newest[up] - self._newest[down]) / amps).mean(axis=0).astype(np.float64))
