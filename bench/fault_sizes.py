"""How far a fault of the demo moves what it disturbs, and from when on that can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.plant_readings import PERIOD_S, PlantReadings
from bessline.demo.faults import Fault, FaultWindow
from bessline.demo.plant import DAY_S, Plant
from bessline.sources.base import Float64, Int64

VISIBLE = 10.0
#: A converter under this share of its highest power says nothing of its losses.
RUNNING = 0.15
#: What is measured by the limits of the fault itself, not by a residual.
_BY_TRUTH = ("dropout", "resistance_rise")


class Twins:
    """The plant with all its faults, and for each of them the same plant with all the others.

    The difference of the two is what this one fault does: a cell that is weak ends every charge earlier, so a plant
    without any fault is no twin of one in which the converter loses more besides.
    """

    def __init__(self, plant: Plant, faults: Sequence[Fault]) -> None:
        self.plant = plant
        measured = [fault for fault in faults if fault.name not in _BY_TRUTH]
        names = {name for fault in measured for window in fault.windows() for name in disturbed(plant, window)}
        self.t_s, self._wrong, self._places = _table(plant, faults, names)
        self._right = {
            fault.name: _table(
                plant,
                [other for other in faults if other is not fault],
                {name for window in fault.windows() for name in disturbed(plant, window)},
            )
            for fault in measured
        }

    def measure(self, window: FaultWindow) -> tuple[float, float | None]:
        """How many robust standard deviations the fault moves its residual at most, and when it becomes visible."""
        if window.kind == "dropout":
            return float("inf"), window.start_s + 3.0 * PERIOD_S
        if window.kind == "resistance_rise":
            return self._resistance(window)
        _, right, places = self._right[window.kind]
        raw, _, _ = self._residual(window, self._wrong, self._places)
        healthy, plain, spread = self._residual(window, right, places)
        before = (self.t_s >= window.start_s - 7 * DAY_S) & (self.t_s < window.start_s)
        # A cell that was weak from the start is measured by the healthy ones, moment by moment.
        scale = spread if window.kind == "weak_cell" else robust_sd(plain[before])
        return size_of(np.abs(raw - healthy) / scale, t_s=self.t_s, window=window)

    def _resistance(self, window: FaultWindow) -> tuple[float, float | None]:
        """Against the spread of all cells' resistances, which the truth has."""
        unit = self.plant.units[0]
        ohm = unit.cells.resistance_ohm + unit.cells.polarisation_ohm
        pack, cell = (int(part[1:]) for part in window.where["cell"].split("_"))
        full = float(window.size["resistance"]) * float(ohm[unit.place_of(pack, cell)]) / robust_sd(ohm)
        days = float(window.size["over_days"])
        return full, window.start_s + days * DAY_S * VISIBLE / full if full > VISIBLE else None

    def _residual(
        self, window: FaultWindow, values: Float64, places: dict[str, int]
    ) -> tuple[Float64, Float64, Float64]:
        """20-minute means of what is disturbed, the same less what other signals explain, and its spread over cells."""
        columns = values[:, [places[name] for name in disturbed(self.plant, window)]]
        if window.kind == "cooling_fault":
            plain = columns[:, 1] - 0.1 * columns[:, 0]
            return smooth(columns[:, 1]), smooth(plain), plain
        if window.kind == "pcs_efficiency":
            return _loss(columns, before=self.t_s < window.start_s)
        apart = columns - _middle(columns)
        mine = smooth(apart[:, int(window.where["cell"].split("_")[1][1:]) - 1])
        return mine, mine, np.maximum(1.4826 * _middle(np.abs(apart))[:, 0], 0.001)


def _loss(columns: Float64, *, before: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Float64, Float64, Float64]:
    """The converter's loss while it runs, and what a quadratic in its power, fitted `before`, leaves over."""
    dc_kw = columns[:, 1] * columns[:, 2] / 1000
    size = np.abs(dc_kw)
    loss = np.where(size > RUNNING * np.nanmax(size), dc_kw - columns[:, 0], np.nan)
    known = ~np.isnan(loss) & before
    plain = loss - np.polynomial.Polynomial.fit(size[known], loss[known], 2)(size)
    return smooth(loss), smooth(plain), plain


def _table(plant: Plant, faults: Sequence[Fault], names: set[str]) -> tuple[Int64, Float64, dict[str, int]]:
    readings = PlantReadings(plant, faults=faults, only=names)
    t_s, values = readings.table()
    return t_s, values, {name: at for at, name in enumerate(readings.subject.signals)}


def disturbed(plant: Plant, window: FaultWindow) -> list[str]:
    """Stored names of the signals that a fault's residual is made of."""
    if window.kind == "cooling_fault":
        return ["aux.outside_temp", "aux.outwater_temp"]
    if window.kind == "pcs_efficiency":
        return ["pcs.apparent_power", "pcs.dc_current", "pcs.dc_voltage"]
    if window.kind in _BY_TRUTH:
        return []
    pack, cell = window.where["cell"].split("_")
    return [f"cells.{pack}_{cell[0]}{number}" for number in range(1, plant.units[0].per_pack + 1)]


def size_of(sizes: Float64, *, t_s: Int64, window: FaultWindow) -> tuple[float, float | None]:
    """The largest of `sizes` (float64[n], at `t_s`) within the window, and when they first pass `VISIBLE` there.

    What lies before the window is not of this fault, whatever it looks like.
    """
    inside = (t_s >= window.start_s) & (t_s < window.end_s) & ~np.isnan(sizes)
    if not inside.any():
        return float("nan"), None
    beyond = np.flatnonzero(inside & (sizes > VISIBLE))
    return float(sizes[inside].max()), float(t_s[beyond[0]]) if len(beyond) else None


def _middle(columns: Float64) -> Float64:
    """The median of each row, float64[n, 1]; NaN for a row without values."""
    there = ~np.isnan(columns).all(axis=1)
    middle = np.full((len(columns), 1), np.nan)
    middle[there, 0] = np.nanmedian(columns[there], axis=1)
    return middle


def robust_sd(values: Float64) -> float:
    """1.4826 x the median absolute deviation from the median; NaN are left out.

    >>> robust_sd(np.array([-1.0, 0.0, 1.0, np.nan]))
    1.4826
    """
    return 1.4826 * float(np.nanmedian(np.abs(values - np.nanmedian(values))))


def smooth(values: Float64, *, readings: int = 40) -> Float64:
    """Running mean over the last 20 minutes; what is missing counts nothing.

    >>> smooth(np.array([1.0, 2.0, 4.0]), readings=2).tolist()
    [nan, 1.5, 3.0]
    """
    known = ~np.isnan(values)
    total, count = np.cumsum(np.where(known, values, 0.0)), np.cumsum(known)
    total[readings:], count[readings:] = total[readings:] - total[:-readings], count[readings:] - count[:-readings]
    least = max(1, readings // 4)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > least, total / count, np.nan)
