"""Where the single cells stand among the values of a reading, and how far each is from its pack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

import numpy as np

from bessline.sources.base import Float64, Int64

#: From a median of absolute deviations to the standard deviation of a normal distribution.
MAD_TO_SD = 1.4826
_FIELD = re.compile(r"cells\.p(\d+)_([vt])(\d+)")
#: The resolution of the sensors is looked at in every so many readings.
_LOOK_EVERY = 64


class CellGrid:
    """One kind of cell signal: ``v`` (V) or ``t`` (°C).

    Parameters
    ----------
    signals: stored names, in the order of the values. kind: ``v`` or ``t``.

    `channels`: stored names of the cells, pack by pack. `resolution`: the smallest difference between two cells seen so
    far; infinite before there is one.

    >>> grid = CellGrid(("bms.soc", "cells.p1_v1", "cells.p1_v2", "cells.p1_v3"), kind="v")
    >>> grid.apart(np.array([50.0, 3.21, 3.2, 3.25])).round(3).tolist()
    [0.0, -0.01, 0.04]
    """

    def __init__(self, signals: Sequence[str], *, kind: str) -> None:
        found = [(match, at) for at, name in enumerate(signals) if (match := _FIELD.fullmatch(name))]
        mine = sorted((int(match[1]), int(match[3]), at) for match, at in found if match[2] == kind)
        self.channels = tuple(signals[at] for _, _, at in mine)
        packs = sorted({pack for pack, _, _ in mine})
        by_pack = [[at for pack, _, at in mine if pack == number] for number in packs]
        self._width = max((len(row) for row in by_pack), default=0)
        # One place more than there are values: always NaN, for packs with fewer cells than the largest.
        padded = [row + [len(signals)] * (self._width - len(row)) for row in by_pack]
        self._places = np.array(padded, dtype=np.intp).reshape(len(packs), self._width)
        self._filled = self._places.reshape(-1) < len(signals)
        self._whole = bool(self._filled.all())
        self.pack_of: Int64 = np.repeat(np.arange(len(packs)), [len(row) for row in by_pack]).astype(np.int64)
        self._enough = np.array([(len(row) + 1) // 2 for row in by_pack], dtype=np.intp)
        self.median = np.full(len(packs), np.nan)
        self.value = np.full(len(self.channels), np.nan)
        self.resolution = float("inf")
        self._looked = 0
        self._last_ms: int | None = None
        self._apart = self.value

    def apart(self, value: Float64, *, t_ms: int | None = None) -> Float64:
        """Each cell minus the median of its pack: float64[channels], NaN where there is no value.

        Those who share a grid name the instant, so that it is worked out once.
        """
        if t_ms is None or t_ms != self._last_ms:
            self._last_ms = t_ms
            self._apart = self._worked_out(value)
        return self._apart

    def _worked_out(self, value: Float64) -> Float64:
        cells = np.append(value, np.nan)[self._places]
        ordered = np.sort(cells, axis=1)
        self.median = _median_of_sorted(ordered, least=self._enough)
        if self._looked % _LOOK_EVERY == 0 and self._width > 1:
            steps = np.diff(ordered, axis=1)
            self.resolution = min(self.resolution, float(np.min(steps, where=steps > 1e-6, initial=np.inf)))
        self._looked += 1
        apart = (cells - self.median[:, None]).reshape(-1)
        self.value = cells.reshape(-1) if self._whole else cells.reshape(-1)[self._filled]
        return apart if self._whole else apart[self._filled]


def _median_of_sorted(ordered: Float64, *, least: Int64) -> Float64:
    """Medians of rows (float64[rows, n]) that are sorted with their NaNs last; NaN for one with too few values."""
    count = ordered.shape[1] - np.isnan(ordered).sum(axis=1)
    rows = np.arange(len(ordered))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, ordered.shape[1] - 1)
    median = (ordered[rows, low] + ordered[rows, high]) / 2
    # When most are away (at the edge of a hole), the middle of the rest says nothing of the pack.
    return cast(Float64, np.where(count >= np.maximum(least, 1), median, np.nan))


def spread_of(apart: Float64, *, least: float) -> float:
    """Robust standard deviation of all cells (float64[n], around 0), never under `least`.

    >>> spread_of(np.array([-1.0, 1.0, 1.0, -1.0, 100.0]), least=0.1)
    1.4826
    """
    size = np.sort(np.abs(apart))
    count = len(size) - int(np.isnan(size).sum())
    middle = (float(size[(count - 1) // 2]) + float(size[count // 2])) / 2 if count > 1 else 0.0
    return max(least, MAD_TO_SD * middle)
