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
    `size` without its sign. `step`: the smallest change ever seen, infinite before the first; half of it is the `floor`
    of every spread, so that a coarse resolution is no oddness and a constant signal has none. `returned`: the value is
    the first after a hole (or the first ever). `changed_ms`: when it last changed, long ago for never. `alive`: it is
    not idle; idle time teaches nothing about how odd activity is.
    """

    def __init__(self, n: int, *, hole_s: float) -> None:
        self._hole_ms, self._idle_ms = hole_s * 1000, max(IDLE_S, 4 * hole_s) * 1000
        self.previous, self.delta, self.size = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
        self.step, self.floor = np.full(n, np.inf), np.full(n, np.inf)
        self.count: Int64 = np.zeros(n, dtype=np.int64)
        self.changed_ms: Int64 = np.full(n, _NEVER_MS, dtype=np.int64)
        self.seen_ms: Int64 = np.full(n, _NEVER_MS, dtype=np.int64)
        self.changed, self.present = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.returned, self.alive = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)

    def update(self, t_ms: int, value: Float64) -> None:
        """Take the values of one instant."""
        np.subtract(value, self.previous, out=self.delta)
        np.equal(value, value, out=self.present)
        np.greater(t_ms - self.seen_ms, self._hole_ms, out=self.returned)
        np.copyto(self.delta, np.nan, where=self.returned)
        np.logical_and(self.returned, self.present, out=self.returned)
        np.abs(self.delta, out=self.size)
        np.greater(self.size, 0, out=self.changed)
        np.minimum(self.step, self.size, out=self.step, where=self.changed)
        np.multiply(self.step, 0.5, out=self.floor)
        np.add(self.count, self.changed, out=self.count)
        np.copyto(self.changed_ms, t_ms, where=self.changed)
        np.less_equal(t_ms - self.changed_ms, self._idle_ms, out=self.alive)
        np.copyto(self.seen_ms, t_ms, where=self.present)
        np.copyto(self.previous, value, where=self.present)
