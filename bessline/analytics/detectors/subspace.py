"""A shape that the last values of a signal never have: windowed principal components."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S
from bessline.analytics.detectors.staggered import Staggered
from bessline.analytics.sentences import against
from bessline.sources.base import Float64

WINDOW, KEPT = 8, 2
#: The components are worked out anew for so many signals a tick.
REFRESHED = 2
WARM = 8 * WINDOW


class WindowedPca(Staggered):
    """What the principal components of the last `WINDOW` values leave over (the Q statistic), over what is usual.

    The covariance of the window has a memory of four days (at least 400 turns); outliers enter it shrunk.
    """

    name = "shape"

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self._mean, self._usual = np.full(n, np.nan), np.zeros(n)
        self._seen, self._filled = np.zeros(n), np.zeros(n)
        self._window = np.zeros((n, WINDOW))
        self._covariance = np.zeros((n, WINDOW, WINDOW))
        self._basis = np.zeros((n, WINDOW, KEPT))
        self._fitted = np.full(n, np.nan)
        self._pace = 1 / max(400.0, 4 * DAY_S / self.turn_s)
        self._next = 0

    def _score_part(self, part: slice, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        known = self._shift(part, value, after_hole)
        window = self._window[part]
        full = known & (self._filled[part] >= WINDOW)
        power = np.einsum("sw,sw->s", window, window)
        # The basis is orthonormal: what is left over is what is not in it.
        inside = np.einsum("swk,sw->sk", self._basis[part], window)
        left = np.sqrt(np.maximum(power - np.einsum("sk,sk->s", inside, inside), 0) / WINDOW)
        self._fitted[part] = self._mean[part] + np.einsum("sk,sk->s", self._basis[part, -1], inside)
        ratio = left / np.maximum(self._usual[part], self.changes.floor[part])
        warm = self._seen[part] > WARM
        self._learn(part, full & self.changes.alive[part], left)
        self._refresh()
        return np.where(full & warm, ratio, np.nan)

    def _shift(self, part: slice, value: Float64, after_hole: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Move the windows on by one value, as a difference from the running mean."""
        known = np.isfinite(value)
        mean, filled = self._mean[part], self._filled[part]
        new = np.isnan(mean)
        if new.any():
            np.copyto(mean, value, where=new)
        error = np.where(known, value - mean, 0.0)
        window = self._window[part]
        window[:, :-1] = window[:, 1:]
        window[:, -1] = error
        filled += 1
        filled[after_hole] = 1
        filled[~known] = 0
        pace = np.maximum(1 / np.maximum(self._seen[part], 1), self._pace)
        limit = 8 * np.sqrt(self._covariance[part, -1, -1])
        mean += pace * np.where(self._seen[part] > WARM, np.clip(error, -limit, limit), error)
        return known

    def _learn(self, part: slice, full: npt.NDArray[np.bool_], left: Float64) -> None:
        seen, usual, covariance, window = (
            self._seen[part],
            self._usual[part],
            self._covariance[part],
            self._window[part],
        )
        seen += full
        pace = np.where(full, np.maximum(1 / np.maximum(seen, 1), self._pace), 0.0)
        warm = seen > WARM
        usual += pace * (
            np.where(warm, np.minimum(left, 8 * np.maximum(usual, self.changes.floor[part])), left) - usual
        )
        power = np.einsum("sw,sw->s", window, window)
        room = np.where(warm, 16 * np.maximum(np.einsum("sww->s", covariance), 1e-300), np.inf)
        shrunk = pace * np.minimum(1.0, room / np.maximum(power, 1e-300))
        covariance *= (1 - pace)[:, None, None]
        covariance += shrunk[:, None, None] * (window[:, :, None] * window[:, None, :])

    def _refresh(self) -> None:
        """New components for the next few signals."""
        n = len(self.channels)
        for _ in range(min(REFRESHED, n)):
            at, self._next = self._next, (self._next + 1) % n
            if self._seen[at] >= WINDOW:
                self._basis[at] = np.linalg.eigh(self._covariance[at])[1][:, -KEPT:]

    def explain(self, channel: int) -> Finding:
        """The value against what the components make of it."""
        value = float(self.changes.previous[channel])
        why = "what fits the last readings"
        return against(self.channels[channel], value, float(self._fitted[channel]), why=why)
