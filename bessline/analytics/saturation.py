"""The voltage of every cell at the end of a charge, and how far it stands from its pack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bessline.sources.base import Float64, Int64

_CELL_VOLTAGE = re.compile(r"cells\.(p(\d+)_v\d+)")
_LEAST_TICKS, _TICKS_OF_A_PARABOLA = 3, 7
_MS_PER_HOUR = 3_600_000.0


@dataclass(frozen=True, slots=True)
class CellLayout:
    """The cells of a device, in the order of its signals.

    `names` as ``p3_v17``; `columns` int64[cells], where each stands in a reading; `pack` int64[cells], its place.
    """

    names: tuple[str, ...]
    columns: Int64
    pack: Int64

    @classmethod
    def of(cls, signals: Sequence[str]) -> CellLayout:
        """The cell voltages among `signals`.

        >>> CellLayout.of(("bms.soc", "cells.p1_v1", "cells.p1_t1", "cells.p2_v1")).names
        ('p1_v1', 'p2_v1')
        """
        matches = [(n, match) for n, name in enumerate(signals) if (match := _CELL_VOLTAGE.fullmatch(name))]
        found = [(n, match[1], int(match[2])) for n, match in matches]
        columns = np.array([n for n, _, _ in found], np.int64)
        _, pack = np.unique(np.array([number for _, _, number in found], np.int64), return_inverse=True)
        return cls(tuple(name for _, name, _ in found), columns, pack.astype(np.int64))

    @property
    def packs(self) -> int:
        """How many packs have cells."""
        return int(self.pack.max()) + 1 if len(self.pack) else 0

    def pack_median(self, volts: Float64) -> Float64:
        """float64[n, packs] medians of float64[n, cells]; NaN where a pack has no value."""
        return np.stack([median(volts[:, self.pack == pack], axis=1) for pack in range(self.packs)], axis=1)


@dataclass(frozen=True, slots=True)
class EndOfCharge:
    """One end of charge: `voltage` float64[cells] medians over the window (V), and at the very end of it the `level`
    float64[packs] of each pack's median cell and the `deviation` float64[cells] from it (V); the `ticks` they rest on.
    """

    voltage: Float64
    level: Float64
    deviation: Float64
    ticks: int


def median(values: Float64, *, axis: int) -> Float64:
    """Median along an axis without the NaN; NaN where there is nothing else.

    >>> median(np.array([[1.0, np.nan, 2.0], [np.nan, np.nan, np.nan]]), axis=1)
    array([1.5, nan])
    """
    ordered = np.sort(values, axis=axis)
    count = np.expand_dims((~np.isnan(values)).sum(axis=axis), axis)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, values.shape[axis] - 1)
    both = np.take_along_axis(ordered, low, axis) + np.take_along_axis(ordered, high, axis)
    return np.asarray(np.squeeze(both, axis) / 2, np.float64)


def end_of_charge(
    volts: Float64, layout: CellLayout, *, t_ms: Int64, amps: Float64, lag_s: float = 0.0
) -> EndOfCharge | None:
    """What a window at the end of a charge says; None where too few ticks of it have values.

    In the knee a cell climbs while the window passes, and each at its own rate: a median would compare cells a little
    before the end, and their trends with it. So each cell is followed through the window to its last tick, along a
    parabola in the charge that was still to come, and compared there.

    Parameters
    ----------
    volts: float64[n, cells], V. t_ms, amps: int64[n] and float64[n] (A, charging positive) of the same ticks.
    lag_s: how old the values of cells are on the average.
    """
    rows = np.isnan(volts).mean(axis=1) <= 0.5 if volts.size else np.zeros(len(volts), bool)
    if rows.sum() < _LEAST_TICKS:
        return None
    volts = volts[rows]
    # the median of values in whole millivolts is one, too; that of where lines end is as fine as they are
    at_end = _at_the_end(volts, _to_come(t_ms, amps, lag_s=lag_s)[rows])
    level = layout.pack_median(at_end[None, :])[0]
    return EndOfCharge(median(volts, axis=0), level, at_end - level[layout.pack], int(rows.sum()))


def _to_come(t_ms: Int64, amps: Float64, *, lag_s: float) -> Float64:
    """The charge (Ah) still to come at each tick when its values were measured."""
    steps = np.diff(t_ms) / _MS_PER_HOUR * (amps[1:] + amps[:-1]) / 2
    to_come = np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])
    return np.asarray(to_come + amps[-1] * lag_s / 3600, np.float64)


def _at_the_end(values: Float64, to_come_ah: Float64) -> Float64:
    """Where a parabola (a line, if there are few ticks) through each column ends; NaN where a value is missing."""
    degrees = range(3 if len(to_come_ah) >= _TICKS_OF_A_PARABOLA else 2)
    design = np.stack([to_come_ah**degree for degree in degrees], axis=1)
    return np.asarray(np.linalg.pinv(design)[0] @ values, np.float64)
