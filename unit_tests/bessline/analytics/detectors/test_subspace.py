"""A shape that the last values never have."""

import numpy as np

from bessline.analytics import Subject
from bessline.analytics.detectors.subspace import KEPT, WINDOW, WindowedPca
from bessline.sources.base import Float64


def _waves(ticks: int) -> Float64:
    random = np.random.default_rng(1)
    tick = np.arange(ticks)[:, None]
    return np.asarray(10 * np.sin(tick / np.array([20.0, 33.0])) + random.normal(0, 0.2, (ticks, 2)))


def _fed(detector: WindowedPca, values: Float64) -> Float64:
    return np.stack([detector.score(tick * 300_000, row).copy() for tick, row in enumerate(values)])


def test_a_kink_in_a_wave_is_odd_though_the_value_is_not() -> None:
    values = _waves(3000)
    values[2500, 0] = 0.0 if abs(values[2500, 0]) > 5 else 8.0
    scores = _fed(WindowedPca(Subject("b", ("a.a", "a.b"), 300.0)), values)
    assert scores[2500, 0] > 6
    assert np.nanmax(scores[2000:2500, 0]) < 5
    assert np.nanmax(scores[2000:, 1]) < 5


def test_it_equals_the_slow_way() -> None:
    """What is left over of a window is its distance to the space of its covariance's largest components."""
    values, detector = _waves(700), WindowedPca(Subject("b", ("a.a", "a.b"), 300.0))
    _fed(detector, values[:-1])
    for _ in range(50):
        detector._prepare()
    vectors = [np.linalg.eigh(detector._covariance[n])[1][:, -KEPT:] for n in range(2)]
    usual = detector._usual.copy()
    score = detector.score(699 * 300_000, values[-1])
    for n in range(2):
        window = detector._window[n]
        left = window - vectors[n] @ np.linalg.lstsq(vectors[n], window, rcond=None)[0]
        assert np.isclose(score[n], np.sqrt(np.mean(left**2)) / usual[n], rtol=1e-6)


def test_its_covariance_is_that_of_the_windows() -> None:
    values, detector = _waves(300), WindowedPca(Subject("b", ("a.a", "a.b"), 300.0))
    windows = []
    for tick, row in enumerate(values):
        detector.score(tick * 300_000, row)
        if tick >= WINDOW - 1:
            windows.append(detector._window[0].copy())
    plain = np.mean([np.outer(window, window) for window in windows], axis=0)
    np.testing.assert_allclose(detector._covariance[0], plain, rtol=1e-9)


def test_after_a_hole_it_waits_for_a_whole_window() -> None:
    values = _waves(600)
    values[500:510, 0] = np.nan
    scores = _fed(WindowedPca(Subject("b", ("a.a", "a.b"), 300.0)), values)
    assert np.isnan(scores[500 : 510 + WINDOW - 1, 0]).all()
    assert np.isfinite(scores[510 + WINDOW - 1 :, 0]).all()
