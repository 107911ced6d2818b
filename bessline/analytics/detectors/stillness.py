"""Whether the current holds still: signals are read one after the other, and a change reaches some of them later."""

from __future__ import annotations

import math

import numpy as np

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import HOLE_PERIODS
from bessline.sources.base import Float64

#: Signals that follow the current at once.
_FAST = ("bms.current", "pcs.dc_current", "pcs.active_power", "pcs.apparent_power")
#: After this time no signal shows what was before: three of the slowest cells' periods, and one of the current's.
SETTLE_S = 165.0
#: A signal holds still while it moves by no more than this share of its usual highest.
STILL = 0.1
_FORGET_S = 30 * 86_400.0


class Stillness:
    """Shared by the detectors that compare signals.

    It judges the reading before the newest one: nothing moved for `SETTLE_S` up to it, nor right after it.

    `highest`: float64, the usual highest size of each of the fast signals that the subject has; without any every
    reading is still.
    """

    def __init__(self, subject: Subject) -> None:
        self._places = np.array([subject.signals.index(name) for name in _FAST if name in subject.signals], dtype=int)
        self.period_s = subject.period_s
        n = 2 + math.ceil(SETTLE_S / subject.period_s)
        self._kept = np.full((n, len(self._places)), np.nan)
        self.highest = np.zeros(len(self._places))
        self._last_ms: int | None = None
        self._still = False

    def update(self, t_ms: int, value: Float64) -> bool:
        """Take the values of one instant; whether the reading before them can be believed. Once an instant."""
        if self._last_ms == t_ms:
            return self._still
        elapsed_s = self.period_s if self._last_ms is None else (t_ms - self._last_ms) / 1000
        self._last_ms = t_ms
        if elapsed_s > HOLE_PERIODS * self.period_s:
            self._kept[:] = np.nan
        now = value[self._places]
        self._kept[:-1] = self._kept[1:]
        self._kept[-1] = now
        self.highest *= 1 - min(1.0, elapsed_s / _FORGET_S)
        np.fmax(self.highest, np.abs(now), out=self.highest)
        moved = self._kept.max(axis=0) - self._kept.min(axis=0)
        # A signal that the device never gave does not count; one that is away now does.
        self._still = bool(((moved <= STILL * self.highest) | (self.highest == 0)).all())
        return self._still
