"""Slopes of many series: true ones are found, outliers do not move them, and the intervals hold what they promise."""

import numpy as np
import pytest

from bessline.analytics.slopes import LEVEL, robust_slopes
from bessline.sources.base import Float64

YEARS = np.arange(240) / 365.25 - 0.33
ONES = np.ones(240)


def noise(*, phi: float, seed: int, series: int = 400) -> Float64:
    rng = np.random.default_rng(seed)
    fresh = rng.normal(0, 0.5e-3, (len(YEARS), series))
    for n in range(1, len(fresh)):
        fresh[n] += phi * fresh[n - 1]
    return fresh


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_intervals_hold_what_they_promise(phi: float) -> None:
    """Also where neighbours resemble each other: without that, half of the intervals would miss."""
    found = robust_slopes(YEARS, 0.004 * YEARS[:, None] + noise(phi=phi, seed=3), weight=ONES, floor=1e-4)
    covered = ((found.lower <= 0.004) & (found.upper >= 0.004)).mean()
    assert LEVEL - 0.06 < covered <= 1.0


def test_outliers_do_not_move_a_slope() -> None:
    values = 0.004 * YEARS[:, None] + noise(phi=0.0, seed=4)
    wild = values.copy()
    wild[::10] += 0.5
    tame, found = (robust_slopes(YEARS, each, weight=ONES, floor=1e-4) for each in (values, wild))
    assert np.abs(found.slope - tame.slope).max() < 5e-4


def test_a_bend_widens_the_interval() -> None:
    """A trend that changes is not a straight line with little noise."""
    bent = (0.02 * YEARS**2)[:, None] + noise(phi=0.0, seed=5, series=20)
    plain = noise(phi=0.0, seed=5, series=20)
    wide, narrow = (robust_slopes(YEARS, each, weight=ONES, floor=1e-4) for each in (bent, plain))
    assert np.median(wide.upper - wide.lower) > 1.5 * np.median(narrow.upper - narrow.lower)


def test_missing_values_are_left_out() -> None:
    values = np.repeat(0.004 * YEARS[:, None], 3, axis=1)
    values[::2, 0], values[5:, 1], values[:, 2] = np.nan, np.nan, np.nan
    found = robust_slopes(YEARS, values, weight=ONES, floor=1e-4)
    assert found.slope[0] == pytest.approx(0.004)
    assert np.isnan(found.slope[1:]).all()
    assert np.isnan(found.lower[1:]).all()


def test_all_at_one_time_has_no_slope() -> None:
    found = robust_slopes(np.zeros(240), noise(phi=0.0, seed=6), weight=ONES, floor=1e-4)
    assert np.isnan(found.slope).all()
