"""From readings at any pace to means over steps, each resting on enough values or missing."""

from __future__ import annotations

import numpy as np

from bessline.sources.base import Float64, Int64

#: A step with less of its values than this is missing.
ENOUGH = 0.5


class StepMeans:
    """Means of `count` signals over steps of `step_s` seconds; a step holds the readings of ``[k * step, ...)``.

    `period_s` says how many values a whole step has.
    """

    def __init__(self, count: int, *, step_s: int, period_s: float) -> None:
        self._step_ms = step_s * 1000
        self._least = ENOUGH * max(1.0, step_s / period_s)
        self._sum = np.zeros(count)
        self._present: Int64 = np.zeros(count, dtype=np.int64)
        self.step: int | None = None

    def add(self, t_ms: int, value: Float64) -> tuple[int, Float64] | None:
        """Count one reading in; when it opens a new step, what closed: its number and float64[count] means."""
        step = t_ms // self._step_ms
        closed = None
        if self.step is not None and step > self.step:
            closed = (self.step, self._means())
            self._sum[:] = 0.0
            self._present[:] = 0
        self.step = step
        present = np.isfinite(value)
        self._sum[present] += value[present]
        self._present += present
        return closed

    def _means(self) -> Float64:
        enough = self._present >= self._least
        return np.where(enough, self._sum / np.maximum(self._present, 1), np.nan)
