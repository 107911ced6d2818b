"""A shape that the last values of a signal never have: windowed principal components."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bessline.analytics.base import Subject
from bessline.analytics.detectors.base import Finding
from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import DAY_S
from bessline.analytics.detectors.staggered import Staggered
from bessline.analytics.sentences import against, the_last
from bessline.sources.base import Float64

WINDOW, KEPT = 8, 2
WARM = 8 * WINDOW
#: Where the search for components begins: a level and a slope, made orthonormal.
_START = np.linalg.qr(np.stack([np.ones(WINDOW), np.arange(WINDOW)], axis=1))[0].T


class WindowedPca(Staggered):
    """What the principal components of the last `WINDOW` values leave over (the Q statistic), over what is usual.

    The covariance of the window has a memory of four days (at least 400 turns); outliers enter it shrunk.
    """

    name = "shape"
    counts_usual = True
    phase = 1

    def __init__(self, subject: Subject, *, changes: Changes | None = None) -> None:
        super().__init__(subject, changes=changes)
        n = len(self.channels)
        self._mean, self._usual = np.full(n, np.nan), np.zeros(n)
        self._seen, self._filled = np.zeros(n), np.zeros(n)
        self._window = np.zeros((n, WINDOW))
        self._covariance = np.zeros((n, WINDOW, WINDOW))
        self._basis = np.repeat(_START[None], n, axis=0)
        self._fitted = np.full(n, np.nan)
        self._pace = 1 / max(400.0, 4 * DAY_S / self.turn_s)

    def _score_turn(self, t_ms: int, value: Float64, after_hole: npt.NDArray[np.bool_]) -> Float64:
        known = self._shift(value, after_hole)
        window, floor = self._window, self.changes.floor
        full = known & (self._filled >= WINDOW)
        power = np.einsum("sw,sw->s", window, window)
        # The basis is orthonormal: what is left over is what is not in it.
        inside = np.einsum("skw,sw->sk", self._basis, window)
        left = np.sqrt(np.maximum(power - np.einsum("sk,sk->s", inside, inside), 0) / WINDOW)
        self._fitted = self._mean + np.einsum("sk,sk->s", self._basis[:, :, -1], inside)
        ratio = left / np.maximum(self._usual, floor)
        warm = self._seen > WARM
        self._learn(full & self.changes.alive, warm, power=power, left=left)
        return np.where(full & warm, ratio, np.nan)

    def _shift(self, value: Float64, after_hole: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Move the windows on by one value, as a difference from the running mean."""
        known = np.isfinite(value)
        new = np.isnan(self._mean)
        if new.any():
            np.copyto(self._mean, value, where=new)
        error = np.where(known, value - self._mean, 0.0)
        self._window[:, :-1] = self._window[:, 1:]
        self._window[:, -1] = error
        self._filled += 1
        np.copyto(self._filled, 1, where=after_hole)
        np.copyto(self._filled, 0, where=~known)
        limit = np.where(self._seen > WARM, 8 * np.sqrt(self._covariance[:, -1, -1]), np.inf)
        self._mean += np.maximum(1 / np.maximum(self._seen, 1), self._pace) * np.clip(error, -limit, limit)
        return known

    def _learn(
        self, learn: npt.NDArray[np.bool_], warm: npt.NDArray[np.bool_], *, power: Float64, left: Float64
    ) -> None:
        self._seen += learn
        pace = np.where(learn, np.maximum(1 / np.maximum(self._seen, 1), self._pace), 0.0)
        most = np.where(warm, 8 * np.maximum(self._usual, self.changes.floor), np.inf)
        self._usual += pace * (np.minimum(left, most) - self._usual)
        # An outlier enters no larger than four times the usual power.
        room = np.where(warm, np.maximum(16 * np.einsum("sww->s", self._covariance), 1e-300), 1e300)
        shrunk = np.sqrt(pace * (room / np.maximum(power, room)))
        scaled = self._window * shrunk[:, None]
        self._covariance *= (1 - pace)[:, None, None]
        self._covariance += scaled[:, :, None] * scaled[:, None, :]

    def _prepare(self) -> None:
        """One step of orthogonal iteration: the basis follows the components of a covariance that changes slowly."""
        turned = np.einsum("svw,skw->skv", self._covariance, self._basis)
        for k in range(KEPT):
            for before in range(k):
                inside = np.einsum("sw,sw->s", turned[:, before], turned[:, k])
                turned[:, k] -= inside[:, None] * turned[:, before]
            length = np.sqrt(np.einsum("sw,sw->s", turned[:, k], turned[:, k]))
            turned[:, k] /= np.maximum(length, 1e-150)[:, None]
        # A covariance of lower rank has no such component; it may come to have one.
        lost = np.einsum("skw,skw->sk", turned, turned) < 0.5
        self._basis = np.where(lost[:, :, None], self._basis, turned)

    def explain(self, channel: int) -> Finding:
        """The value against what the components make of it."""
        value = float(self.changes.previous[channel])
        usual = max(float(self._usual[channel]), float(self.changes.floor[channel]))
        why = f"the shape of {the_last(WINDOW * self.turn_s)}"
        return against(self.channels[channel], value, float(self._fitted[channel]), why=why, usual=usual)
