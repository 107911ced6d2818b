from __future__ import annotations

import numpy as np

from bessline.analytics.forecasting.ridge import PENALTIES, Ridge
from bessline.sources.base import Float64
from unit_tests.bessline.analytics.forecasting.steps import Walk, daily


def _run(values: Float64) -> tuple[Ridge, Walk, list[Float64], list[Float64]]:
    """Forecast each hour, as in life; what it saw and what it held for usual at each."""
    walk = Walk()
    ridge = Ridge(walk.memory)
    features, usual = [], []
    for value in values:
        walk.feed([float(value)], ridge)
        ridge.forecast(walk.targets)
        features.append(ridge._origins[-1].feature)
        usual.append(ridge._origins[-1].usual)
    return ridge, walk, features, usual


def _slow(values: Float64, features: list[Float64], usual: list[Float64]) -> Float64:
    """The map of the first penalty by weighted least squares on explicit rows, lead by lead."""
    rows = [(features[end - 1], values[end : end + 24] - usual[end - 1]) for end in range(1, len(values) - 24)]
    rows = [(x, y) for x, y in rows if np.isfinite(y).any()]
    x, y = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    weight = 0.5 ** (np.arange(len(rows))[::-1] / (24 * 7 * 20))
    square = (x * weight[:, None]).T @ x
    penalty = np.diag(PENALTIES[0] * np.diag(square) + 1e-9 * np.trace(square))
    leads = []
    for lead in range(24):
        there = np.isfinite(y[:, lead])
        cross = (x[there] * weight[there, None]).T @ y[there, lead] * weight.sum() / weight[there].sum()
        leads.append(np.linalg.solve(square + penalty, cross))
    return np.array(leads).T


def test_its_running_sums_solve_the_plain_regression() -> None:
    """Holes included: in the lags they are no deviation, in the targets they are left out."""
    values = daily(24, noise=5.0)
    values[300:306] = np.nan
    values[np.random.default_rng(1).random(len(values)) < 0.1] = np.nan
    ridge, walk, features, usual = _run(values)
    ridge.refit()
    walk.feed([50.0], ridge)
    found = ridge.forecast(walk.targets)[0]
    origin = ridge._origins[-1]
    np.testing.assert_allclose(found, origin.usual + origin.feature @ _slow(values, features, usual), rtol=1e-6)


def test_it_learns_what_lags_foretell() -> None:
    """Days that are high when the day before was low: no usual day knows that."""
    swing = np.repeat(np.resize([15.0, -15.0], 40), 24)
    values = daily(40, noise=0.5) + swing
    ridge, walk, _, _ = _run(values)
    ridge.refit()
    error = ridge.forecast(walk.targets)[0] - (daily(1) + 15.0)
    assert np.abs(error).mean() < 2.0


def test_it_is_silent_before_a_week_of_origins() -> None:
    ridge, walk, _, _ = _run(daily(6))
    ridge.refit()
    assert np.isnan(ridge.forecast(walk.targets)).all()


def test_a_forecast_shows_it_nothing_of_the_future() -> None:
    """Two futures, one past: the same forecast."""
    found = []
    for seed in (1, 2):
        values = daily(20, noise=3.0)
        values[-48:] += np.random.default_rng(seed).normal(size=48)
        ridge, walk, _, _ = _run(values[:-48])
        ridge.refit()
        found.append(ridge.forecast(walk.targets))
    np.testing.assert_array_equal(found[0], found[1])
