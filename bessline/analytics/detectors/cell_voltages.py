"""The single cell voltages as the detectors of cells need them: compared only when the current holds still."""

from __future__ import annotations

import math

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.cell_grid import CellGrid
from bessline.analytics.detectors.stillness import Stillness
from bessline.sources.base import Float64

SMOOTH_S = 120.0
#: Currents under this share of the usual highest are rest.
REST = 0.05

CHARGE, IDLE, DISCHARGE = 0, 1, 2


class CellVoltages:
    """Shared by the detectors of cell voltages, so that it is worked out once a reading.

    It tells of the reading before the newest one, for only then is it known that the current held still. After each
    `update`: `steady`, whether cells can be compared; `apart`, float64[channels], V, each cell minus its pack's median,
    a running mean of the last minutes; `value`, float64[channels], and `median`, float64[packs], in V; `amps`; `soc` in
    %; `regime`, one of `CHARGE`, `IDLE`, `DISCHARGE`. Without a current every reading counts as one at rest.
    """

    def __init__(self, subject: Subject, *, still: Stillness | None = None) -> None:
        self.grid = CellGrid(subject.signals, kind="v")
        self.still = still or Stillness(subject)
        places = {name: at for at, name in enumerate(subject.signals)}
        self._current = places.get("bms.current", places.get("pcs.dc_current"))
        self._soc = places.get("bms.soc")
        self.period_s = subject.period_s
        self._last_ms: int | None = None
        self._count, self._highest = 0, 0.0
        n = len(self.grid.channels)
        self.apart, self.value, self.median = np.full(n, np.nan), np.full(n, np.nan), self.grid.median
        self._next = (np.full(n, np.nan), self.value, self.median, 0.0, math.nan)
        self.steady, self.amps, self.soc, self.regime = False, 0.0, math.nan, IDLE

    def update(self, t_ms: int, value: Float64) -> None:
        """Take the values of one instant."""
        if self._last_ms == t_ms:
            return
        elapsed_s = self.period_s if self._last_ms is None else (t_ms - self._last_ms) / 1000
        self._last_ms = t_ms
        apart, self.value, self.median, self.amps, self.soc = self._next
        self._next = self._looked_at(value)
        if not self.still.update(t_ms, value):
            self.steady, self._count = False, 0
            return
        self._highest = max(abs(self.amps), 0.999999 * self._highest)
        self.regime = IDLE
        if abs(self.amps) > REST * self._highest:
            self.regime = DISCHARGE if self.amps > 0 else CHARGE
        self._smooth(apart, elapsed_s)

    def _looked_at(self, value: Float64) -> tuple[Float64, Float64, Float64, float, float]:
        apart = self.grid.apart(value)
        amps = 0.0 if self._current is None else float(value[self._current])
        soc = math.nan if self._soc is None else float(value[self._soc])
        return apart, self.grid.value, self.grid.median, amps, soc

    def _smooth(self, apart: Float64, elapsed_s: float) -> None:
        self._count += 1
        if self._count == 1:
            self.apart = apart
        else:
            share = max(1 / self._count, 1 - math.exp(-min(elapsed_s, 2 * self.period_s) / SMOOTH_S))
            # A cell that was away begins anew, one that is away has no value.
            self.apart = np.where(np.isnan(self.apart), apart, self.apart + share * (apart - self.apart))
        self.steady = self._count * self.period_s >= min(SMOOTH_S, 3 * self.period_s)
