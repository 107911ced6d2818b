"""The running level and spread that detectors of single signals are made of."""

import numpy as np

from bessline.analytics.detectors.changes import Changes
from bessline.analytics.detectors.single import CLIP, EVIDENCE, Level
from bessline.sources.base import Float64


def _slowly(column: Float64, *, mean_s: float, spread_s: float, step_s: float, floor: float) -> list[float]:
    """The same, one signal and one value at a time."""
    mean, spread, seen, ratios = float("nan"), 0.0, 0, []
    for value in column:
        if np.isnan(value):
            ratios.append(np.nan)
            continue
        if np.isnan(mean):
            mean = value
            ratios.append(np.nan)
            continue
        error, scale = value - mean, max(spread, floor)
        ratios.append(abs(error) / scale if seen > EVIDENCE else np.nan)
        seen += 1
        size = min(abs(error), CLIP * scale) if seen > EVIDENCE else abs(error)
        mean += max(1 / seen, step_s / mean_s) * np.sign(error) * size
        spread += max(1 / seen, step_s / spread_s) * (size - spread)
    return ratios


def _steps(n: int) -> Changes:
    """Signals that are alive, with a floor of 0.05."""
    changes = Changes(n, hole_s=90)
    changes.floor[:], changes.alive[:] = 0.05, True
    return changes


def test_it_equals_the_slow_way() -> None:
    random = np.random.default_rng(1)
    values = random.normal(50, 3, (400, 5)) + np.linspace(0, 20, 400)[:, None]
    values[random.random(values.shape) < 0.1] = np.nan
    values[200, 2] = 1e6
    values[300:] = np.nan_to_num(values[300:], nan=60.0)
    level, changes = Level(5, mean_s=600, spread_s=6000), _steps(5)
    quick = []
    for row in values:
        np.isfinite(row, out=changes.present)
        changes.complete = bool(changes.present.all())
        quick.append(level.update(row, elapsed_s=30.0, changes=changes))
    slow = [_slowly(column, mean_s=600, spread_s=6000, step_s=30.0, floor=0.05) for column in values.T]
    np.testing.assert_allclose(np.stack(quick), np.array(slow).T, rtol=1e-9)


def test_one_outlier_hardly_moves_it_and_a_shift_is_learned() -> None:
    level, changes = Level(1, mean_s=3600, spread_s=36_000), _steps(1)
    random = np.random.default_rng(2)
    for _ in range(2000):
        level.update(random.normal(10, 1, 1), elapsed_s=30.0, changes=changes)
    level.update(np.array([1e9]), elapsed_s=30.0, changes=changes)
    assert abs(level.mean[0] - 10) < 1
    for _ in range(2 * 2880):
        level.update(random.normal(1000, 1, 1), elapsed_s=30.0, changes=changes)
    assert abs(level.mean[0] - 1000) < 2
