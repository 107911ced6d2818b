"""When a logger writes a row: drifting steps, and the small holes of a real network."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bessline.demo.plant import DAY_S
from bessline.sources.base import Int64

#: Mean steps of the three kinds of logger, in seconds: whole seconds are written, so 30.2 reads 30, 30, 31, 30...
FAST_S, SLOW_S, CELL_S = 30.2, 59.0, 41.0
_JITTER_S = 0.15
#: Nothing is missing so early, so that a stream which starts with the span has every field.
_UNDISTURBED_S = 600
_HOLES_A_DAY, _HOLE_S = 9, (60, 300)
_LOST_MINUTES = 0.012


class Logger:
    """The clock of one signal's logger. It goes on from day to day without a seam."""

    def __init__(self, rng: np.random.Generator, *, step_s: float) -> None:
        self.step_s = step_s * (1 + rng.uniform(-0.004, 0.004))
        self._next_s = rng.uniform(1.0, 29.0)

    def stamps(self, rng: np.random.Generator, *, day: int) -> Int64:
        """Seconds (whole, from the plant's start) at which a row is due on local day number `day`, increasing."""
        end = (day + 1) * DAY_S
        count = max(int((end - self._next_s) / self.step_s) + 8, 1)
        steps = self.step_s + np.clip(_JITTER_S * rng.standard_normal(count), -0.4, 0.4)
        due = self._next_s + np.concatenate(([0.0], np.cumsum(steps)))
        inside = due[due < end]
        self._next_s = float(due[len(inside)])
        return inside.astype(np.int64)


def network_holes(rng: np.random.Generator, *, day: int) -> tuple[tuple[int, int], ...]:
    """Stretches ``[start, end)`` of one day, a few minutes each, in which nothing of a device arrived."""
    starts = np.sort(rng.integers(_UNDISTURBED_S, DAY_S - _HOLE_S[1], _HOLES_A_DAY))
    lengths = rng.integers(*_HOLE_S, _HOLES_A_DAY)
    base = day * DAY_S
    return tuple((base + int(start), base + int(start + length)) for start, length in zip(starts, lengths, strict=True))


def kept(t_s: Int64, *, hidden: tuple[tuple[int, int], ...], rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which rows of one day are written: not those in a `hidden` stretch, nor those of the minutes lost at random.

    >>> kept(np.array([0, 30, 60]), hidden=((30, 60),), rng=np.random.default_rng(1)).tolist()
    [True, False, True]
    """
    lost = rng.random(DAY_S // 60) < _LOST_MINUTES
    keep = ~lost[(t_s % DAY_S) // 60] | (t_s < _UNDISTURBED_S)
    for start, end in hidden:
        keep &= (t_s < start) | (t_s >= end)
    return keep
