"""The open-circuit voltage of one LFP cell, and the energy it holds."""

from __future__ import annotations

from typing import cast

import numpy as np

from bessline.sources.base import Float64

#: (state of charge in %, V) at rest and 25 °C: two plateaus with a step between them and a knee at each end, the shape
#: that published LFP/graphite curves share.
POINTS = (
    (0, 2.750), (0.5, 2.870), (1, 2.950), (2, 3.045), (3, 3.100), (4, 3.133), (5, 3.157), (7, 3.178), (10, 3.190),
    (14, 3.1985), (18, 3.217), (22, 3.238), (26, 3.256), (30, 3.270), (35, 3.280), (40, 3.2855), (45, 3.288),
    (50, 3.2895), (55, 3.292), (60, 3.299), (64, 3.309), (68, 3.318), (72, 3.3225), (80, 3.3245), (90, 3.3265),
    (95, 3.329), (97, 3.3335), (98, 3.340), (99, 3.357), (99.5, 3.386), (99.8, 3.420), (100, 3.470),
)  # fmt: skip

_GRID = 50_000


def monotone_spline(x: Float64, y: Float64, at: Float64) -> Float64:
    """Cubic through the points `(x, y)`, evaluated `at`, that rises and falls only where the points do.

    Slopes are the weighted harmonic means of Fritsch and Butland (SIAM J. Sci. Stat. Comput. 5, 1984).

    Parameters
    ----------
    x: float64[k], increasing. y: float64[k]. at: float64[n], within ``x[0]..x[-1]``.

    >>> monotone_spline(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.0, 4.0]), np.array([0.5, 1.0, 2.0])).tolist()
    [0.0, 0.0, 4.0]
    """
    h = np.diff(x)
    rise = np.diff(y) / h
    before, after = rise[:-1], rise[1:]
    w1, w2 = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.where(before * after > 0, (w1 + w2) / (w1 / before + w2 / after), 0.0)
    slope = np.concatenate(([rise[0]], inner, [rise[-1]]))
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    s = (at - x[k]) / h[k]
    left = (1 + 2 * s) * (1 - s) ** 2 * y[k] + s * (1 - s) ** 2 * h[k] * slope[k]
    right = s**2 * (3 - 2 * s) * y[k + 1] + s**2 * (s - 1) * h[k] * slope[k + 1]
    return cast(Float64, left + right)


def _tables() -> tuple[Float64, Float64]:
    soc, volts = np.array(POINTS).T
    curve = monotone_spline(soc / 100, volts, np.linspace(0, 1, _GRID + 1))
    area = np.concatenate(([0.0], np.cumsum((curve[1:] + curve[:-1]) / 2) / _GRID))
    return curve, area


_CURVE, _AREA = _tables()


def _look_up(table: Float64, soc: Float64) -> Float64:
    place = np.clip(soc, 0, 1) * _GRID
    below = np.minimum(place.astype(np.int32), _GRID - 1)
    start = table[below]
    return cast(Float64, start + (table[below + 1] - start) * (place - below))


def open_circuit_v(soc: Float64) -> Float64:
    """Voltage at rest (V) for a state of charge of 0..1, any shape; beyond the ends the end's voltage.

    >>> open_circuit_v(np.array([0.0, 0.5, 1.0])).round(4).tolist()
    [2.75, 3.2895, 3.47]
    """
    return _look_up(_CURVE, soc)


def stored_wh_per_ah(soc: Float64) -> Float64:
    """Energy held between empty and `soc` (0..1), in Wh for each Ah of capacity; any shape.

    >>> bool(stored_wh_per_ah(np.array([1.0]))[0] > 3.2)
    True
    """
    place = np.clip(soc, 0, 1) * _GRID
    below = np.minimum(place.astype(np.int32), _GRID - 1)
    part = place - below
    mean_v = _CURVE[below] + (_CURVE[below + 1] - _CURVE[below]) * part / 2
    return cast(Float64, _AREA[below] + mean_v * part / _GRID)
