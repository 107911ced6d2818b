"""Trends of many series at once: robust against outliers, with intervals that know autocorrelation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from bessline.analytics.saturation import median
from bessline.sources.base import Float64

#: Tukey's biweight at 95 % efficiency on normal noise.
TUKEY = 4.685
LEVEL = 0.95
_MAD = 1.4826
_SCALED, _FITS = 4, 7
_MOST_CORRELATED = 0.95
_LEAST_ROWS = 6
_BLOCKS, _LEAST_BLOCKS = 10, 5


@dataclass(frozen=True, slots=True)
class Slopes:
    """A trend of each series, float64[k] in units a year: `slope`, and the interval `lower`..`upper` (`LEVEL`).

    NaN where fewer than six rows have a value, or all of them at one time.
    """

    slope: Float64
    lower: Float64
    upper: Float64


def robust_slopes(years: Float64, values: Float64, *, weight: Float64, floor: float) -> Slopes:
    """Tukey's biweight line through each column of `values`, its interval wide enough for autocorrelation.

    It is the wider one of two: by an AR(1) of the residuals, and by stretches of the span.

    P. J. Huber, Robust Statistics (1981), section 7.6, for the standard error; the effective number of rows is
    n (1 - phi) / (1 + phi).

    Parameters
    ----------
    years: float64[n], rising. values: float64[n, k], NaN where missing. weight: float64[n], observations in each row.
    floor: residuals are believed to be at least so large (the resolution of the values).

    >>> years = np.arange(20) / 20
    >>> found = robust_slopes(years, (3 * years)[:, None], weight=np.ones(20), floor=1e-4)
    >>> found.slope.round(6), bool(found.lower[0] < 3 < found.upper[0])
    (array([3.]), True)
    """
    there = ~np.isnan(values)
    y = np.where(there, values, 0.0)
    base = there * (weight / weight.mean())[:, None]
    tukey, scale, fit = base, np.full(values.shape[1], floor), _line(years, y, base)
    for turn in range(_FITS):
        residual = y - fit.at(years)
        if turn < _SCALED:
            scale = np.maximum(_MAD * median(np.where(there, np.abs(residual), np.nan), axis=0), floor)
        # the first fit is drawn by outliers, so they are first only turned down
        tukey = base * (_huber(residual / scale) if turn < _SCALED - 1 else _biweight(residual / scale))
        fit = _line(years, y, tukey)
    residual = y - fit.at(years)
    half = np.fmax(
        _half_width(residual, base, fit=fit, scale=scale), _half_width_by_blocks(residual * tukey, fit=fit, x=years)
    )
    enough = there.sum(axis=0) >= _LEAST_ROWS
    slope = np.where(enough, fit.slope, np.nan)
    return Slopes(slope, slope - half, slope + half)


@dataclass(frozen=True, slots=True)
class _Line:
    middle_x: Float64
    middle_y: Float64
    slope: Float64
    sum_xx: Float64

    def at(self, x: Float64) -> Float64:
        return self.middle_y + self.slope * (x[:, None] - self.middle_x)


def _line(x: Float64, y: Float64, weight: Float64) -> _Line:
    """The weighted least-squares line of each column; NaN where all its weight stands at one x."""
    total = np.maximum(weight.sum(axis=0), 1e-300)
    middle_x, middle_y = (x @ weight) / total, (weight * y).sum(axis=0) / total
    sum_xx = (x**2) @ weight - total * middle_x**2
    sum_xy = x @ (weight * y) - total * middle_x * middle_y
    slope = np.divide(sum_xy, sum_xx, out=np.full_like(sum_xy, np.nan), where=sum_xx > 1e-12)
    return _Line(middle_x, middle_y, slope, sum_xx)


def _huber(u: Float64) -> Float64:
    return np.asarray(1.345 / np.maximum(np.abs(u), 1.345), np.float64)


def _biweight(u: Float64) -> Float64:
    return np.asarray(np.maximum(1 - (u / TUKEY) ** 2, 0.0) ** 2, np.float64)


def _half_width(residual: Float64, base: Float64, *, fit: _Line, scale: Float64) -> Float64:
    u = residual / scale
    inside = np.maximum(1 - (u / TUKEY) ** 2, 0.0)
    psi = u * inside**2 * (base > 0)
    bent = inside**2 - 4 * (u / TUKEY) ** 2 * inside
    rows = np.maximum((base > 0).sum(axis=0), 3)
    share = np.maximum((base * bent).sum(axis=0) / np.maximum(base.sum(axis=0), 1e-300), 0.1)
    variance = np.maximum(scale**2 * (base * psi**2).sum(axis=0) / (rows - 2) / share**2, (scale * 0.5) ** 2)
    phi = _autocorrelation(psi, rows)
    effective = np.maximum(rows * (1 - phi) / (1 + phi), 3.5)
    error = np.sqrt(np.divide(variance, fit.sum_xx, out=np.full_like(variance, np.nan), where=fit.sum_xx > 1e-12))
    quantile = special.stdtrit(effective - 2, (1 + LEVEL) / 2)
    return np.asarray(quantile * error * np.sqrt((1 + phi) / (1 - phi)), np.float64)


def _half_width_by_blocks(weighted: Float64, *, fit: _Line, x: Float64) -> Float64:
    """From what whole stretches of the span pull at the slope: a bend, or a season, is no noise from row to row.

    K.-Y. Liang, S. L. Zeger, Biometrika 73 (1986): the sandwich, each stretch a cluster.
    """
    blocks = min(_BLOCKS, len(x) // 3)
    if blocks < _LEAST_BLOCKS:
        return np.full(weighted.shape[1], np.nan)
    pulls = weighted * (x[:, None] - fit.middle_x)
    edges = np.linspace(0, len(x), blocks + 1).astype(np.int64)[:-1]
    total = (np.add.reduceat(pulls, edges, axis=0) ** 2).sum(axis=0) * blocks / (blocks - 2)
    error = np.divide(np.sqrt(total), fit.sum_xx, out=np.full_like(total, np.nan), where=fit.sum_xx > 1e-12)
    return np.asarray(special.stdtrit(blocks - 2, (1 + LEVEL) / 2) * error, np.float64)


def _autocorrelation(psi: Float64, rows: Float64) -> Float64:
    """Lag-1 correlation of each column, corrected for what a fitted line takes away, never negative."""
    total = np.maximum((psi**2).sum(axis=0), 1e-300)
    raw = (psi[1:] * psi[:-1]).sum(axis=0) / total
    return np.asarray(np.clip(raw + (1 + 3 * raw) / rows, 0.0, _MOST_CORRELATED), np.float64)
