"""Alignment: the value of a signal at given instants, never from the future and never too old."""

from __future__ import annotations

import numpy as np
import polars as pl

from bessline.sources.base import Float64, Int64

#: From so many instants on, a join is worth its constant cost.
MANY = 8_192


def as_of(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> tuple[Float64, Float64]:
    """Newest value at or before each instant, and its age.

    Parameters
    ----------
    instants: int64[m], rising, ms.
    t_ms, value: int64[n] rising and float64[n], NaN where the source said "missing".
    tolerance_ms: a value older than this is no value.

    Returns
    -------
    float64[m] values and float64[m] ages in seconds, both NaN where there is no value.

    >>> as_of(np.array([5, 10, 99]), np.array([4, 9]), np.array([1.0, 2.0]), tolerance_ms=6)[0]
    array([ 1.,  2., nan])
    """
    if not len(t_ms):
        nothing = np.full(len(instants), np.nan)
        return nothing, nothing
    index = np.searchsorted(t_ms, instants, side="right") - 1
    age_ms = instants - t_ms[index]
    taken = np.where((index >= 0) & (age_ms <= tolerance_ms), value[index], np.nan)
    return taken, np.where(np.isnan(taken), np.nan, age_ms / 1000)


def values_as_of(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> Float64:
    """The values of `as_of` alone, which is what many rows at a time are wanted for.

    >>> values_as_of(np.array([5, 10, 99]), np.array([4, 9]), np.array([1.0, 2.0]), tolerance_ms=6)
    array([ 1.,  2., nan])
    """
    if len(instants) < MANY or not len(t_ms):
        return as_of(instants, t_ms, value, tolerance_ms=tolerance_ms)[0]
    # one pass over both instead of a search for each instant; NaN is a value here, so that a marker ends the one before
    left = pl.DataFrame([pl.Series("t", instants).set_sorted()])
    right = pl.DataFrame([pl.Series("t", t_ms).set_sorted(), pl.Series("value", value)])
    found: Float64 = left.join_asof(right, on="t", tolerance=tolerance_ms)["value"].to_numpy()
    return found
