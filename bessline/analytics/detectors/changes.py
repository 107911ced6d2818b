"""What changed since the last value, and the smallest change ever seen: the resolution of a signal."""

from __future__ import annotations

import numpy as np

from bessline.sources.base import Float64, Int64

_NEVER_MS = -(2**62)
#: A signal that has not changed for so long (at least four holes) is idle.
IDLE_S = 3600.0


class Changes:
    """Shared by the detectors of single signals, so that it is worked out once a tick.

    Parameters
    ----------
    n: signals.
    hole_s: after so many seconds without a value nothing is compared with the value before.

    `delta`: float64[n], the change since the last value that was there, NaN where there is none now or across a hole;
    `size` without its sign. `floor`: half of the smallest change ever seen, infinite before the first; no spread is
    smaller, so that a coarse resolution is no oddness and a constant signal has none. `returned_ms`: when it last came
    back after a hole (or for the first time). `changed_ms`: when it last changed, long ago for never. `alive`: it is
    not idle; idle time teaches nothing about how odd activity is. `complete`: every signal has a value and is alive.
    """

    def __init__(self, n: int, *, hole_s: float) -> None:
        self._hole_ms, self._idle_ms = hole_s * 1000, max(IDLE_S, 4 * hole_s) * 1000
        self.previous, self.delta, self.size = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
        self.floor = np.full(n, np.inf)
        self.count: Int64 = np.zeros(n, dtype=np.int64)
        self.changed_ms: Int64 = np.full(n, _NEVER_MS, dtype=np.int64)
        self.returned_ms: Int64 = np.full(n, _NEVER_MS, dtype=np.int64)
        self._seen_ms: Int64 = np.full(n, _NEVER_MS, dtype=np.int64)
        self.changed, self.present = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.alive = np.zeros(n, dtype=bool)
        self.complete = self._all_present = False
        self._last_ms = self._seen_all_ms = _NEVER_MS

    def update(self, t_ms: int, value: Float64) -> None:
        """Take the values of one instant."""
        np.subtract(value, self.previous, out=self.delta)
        if self._all_present:
            self._seen_all_ms = self._last_ms
        were_all = self._all_present and t_ms - self._last_ms <= self._hole_ms
        np.isfinite(value, out=self.present)
        self._all_present = bool(self.present.all())
        if not (were_all and self._all_present):
            self._returned(t_ms)
        self._last_ms = t_ms
        np.abs(self.delta, out=self.size)
        np.greater(self.size, 0, out=self.changed)
        np.minimum(self.floor, self.size * 0.5, out=self.floor, where=self.changed)
        np.add(self.count, self.changed, out=self.count)
        np.copyto(self.changed_ms, t_ms, where=self.changed)
        np.less_equal(t_ms - self.changed_ms, self._idle_ms, out=self.alive)
        np.copyto(self.previous, value, where=self.present)
        self.complete = self._all_present and bool(self.alive.all())

    def _returned(self, t_ms: int) -> None:
        """Look at each signal's own absence; needed only when some are or were away."""
        away = t_ms - np.maximum(self._seen_ms, self._seen_all_ms) > self._hole_ms
        np.copyto(self.delta, np.nan, where=away)
        np.copyto(self.returned_ms, t_ms, where=away & self.present)
        np.copyto(self._seen_ms, t_ms, where=self.present)
