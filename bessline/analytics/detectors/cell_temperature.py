"""A cell temperature that leaves its habit, or that stands still while its pack moves."""

from __future__ import annotations

import math

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import HOLE_PERIODS, Detector, Finding
from bessline.analytics.detectors.cell_grid import CellGrid, spread_of
from bessline.analytics.sentences import place, span
from bessline.sources.base import Float64, Int64

DAY_S = 86_400.0
SMOOTH_S = 600.0
#: So many readings are needed to know the resolution of the sensors.
FIRST = 12
#: No finer than this, in °C, is what a cell temperature says.
LEAST_C = 0.1


class CellTemperature(Detector):
    """Temperature of each cell minus its pack's median, against the cell's own mean of the last days.

    Over the robust spread of that difference among all cells now. A cell at the end of a row is always colder: that is
    its habit, not an oddness.
    """

    name = "cell_temperature"
    memory_s = 2 * DAY_S

    def __init__(self, subject: Subject, *, grid: CellGrid | None = None) -> None:
        super().__init__(subject)
        self.grid = grid or CellGrid(subject.signals, kind="t")
        self.channels = self.grid.channels
        n = len(self.channels)
        self._smooth, self._usual = np.full(n, np.nan), np.full(n, np.nan)
        self._seen_s = 0.0

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; in robust standard deviations, silent for the first day."""
        elapsed_s = self.elapsed_s(t_ms)
        apart = self.grid.apart(value, t_ms=t_ms)
        share = 1 - math.exp(-elapsed_s / SMOOTH_S)
        self._smooth = np.where(np.isnan(self._smooth), apart, self._smooth + share * (apart - self._smooth))
        self._usual = np.where(np.isnan(self._usual), self._smooth, self._usual)
        error = self._smooth - self._usual
        self._seen_s += elapsed_s
        pace = max(elapsed_s / self._seen_s, elapsed_s / self.memory_s)
        self._usual = np.where(np.isnan(error), self._usual, self._usual + pace * error)
        if self._seen_s < DAY_S:
            return np.full(len(self.channels), np.nan)
        score: Float64 = np.abs(error) / spread_of(error, least=max(LEAST_C, self.grid.resolution))
        return score

    def explain(self, channel: int) -> Finding:
        """Degrees, and how the distance from the pack differs from the usual one."""
        seen = float(self.grid.value[channel])
        apart, usual = float(self._smooth[channel]), float(self._usual[channel])
        median = float(self.grid.median[self.grid.pack_of[channel]])
        reason = (
            f"{place(self.channels[channel])}: {seen:.1f} °C, {_apart(apart)} its pack's median; "
            f"usually {_apart(usual)} it"
        )
        return Finding(seen, median + usual, reason)


def _apart(kelvin: float) -> str:
    return f"{abs(kelvin):.1f} °C {'under' if kelvin < 0 else 'over'}"


class StuckTemperature(Detector):
    """How far a pack has moved since one of its cells last changed, over the resolution of the sensors.

    A sensor that repeats its last value looks healthy as long as nothing moves, so time alone says nothing.
    """

    name = "stuck_cell"
    least_s = 1800.0

    def __init__(self, subject: Subject, *, grid: CellGrid | None = None) -> None:
        super().__init__(subject)
        self.grid = grid or CellGrid(subject.signals, kind="t")
        self.channels = self.grid.channels
        n = len(self.channels)
        self._held, self._pack_then = np.full(n, np.nan), np.full(n, np.nan)
        self._since: Int64 = np.zeros(n, dtype=np.int64)
        self._moved = np.zeros(n)
        self._now_ms, self._looked = 0, 0

    def score(self, t_ms: int, value: Float64) -> Float64:
        """See `Detector.score`; 0 for a cell that changes."""
        hole = self._last_ms is not None and t_ms - self._last_ms > HOLE_PERIODS * 1000 * self.period_s
        self.elapsed_s(t_ms)
        self._now_ms = t_ms
        self.grid.apart(value, t_ms=t_ms)
        seen, pack = self.grid.value, self.grid.median[self.grid.pack_of]
        known = seen == seen
        # After a hole what was held is not known to have been held.
        changed = known if hole else known & (seen != self._held)
        np.copyto(self._held, seen, where=changed)
        np.copyto(self._pack_then, pack, where=changed)
        np.copyto(self._since, t_ms, where=changed)
        self._moved = np.abs(pack - self._pack_then)
        long = t_ms - self._since >= self.least_s * 1000
        least = max(LEAST_C, self.grid.resolution)
        self._looked += 1
        if self._looked <= FIRST:
            return np.full(len(self.channels), np.nan)
        return np.where(known & ~np.isnan(pack), np.where(long, self._moved / least, 0.0), np.nan)

    def explain(self, channel: int) -> Finding:
        """How long it has stood still, and by how much the pack moved meanwhile."""
        seen, pack = float(self.grid.value[channel]), float(self.grid.median[self.grid.pack_of[channel]])
        still = span((self._now_ms - int(self._since[channel])) / 1000)
        reason = (
            f"{place(self.channels[channel])}: {seen:.1f} °C, unchanged for {still} while its pack moved by "
            f"{float(self._moved[channel]):.1f} °C"
        )
        return Finding(seen, pack, reason)
