from __future__ import annotations

import numpy as np

from bessline.analytics.forecasting.step_means import StepMeans

MINUTE_MS = 60_000


def test_a_step_is_the_mean_of_its_own_readings() -> None:
    means = StepMeans(1, step_s=900, period_s=300)
    closed = [means.add(minute * MINUTE_MS, np.array([float(minute)])) for minute in range(0, 35, 5)]
    found = [(step, mean.tolist()) for step, mean in filter(None, closed)]
    assert found == [(0, [5.0]), (1, [20.0])]


def test_too_few_values_are_none() -> None:
    """Of two signals in one step, one has half of its values and one fewer."""
    means = StepMeans(2, step_s=900, period_s=225)
    rows = [(4.0, 4.0), (6.0, np.nan), (np.nan, np.nan), (np.nan, np.nan)]
    for place, row in enumerate(rows):
        assert means.add(place * 225_000, np.array(row)) is None
    closed = means.add(900_000, np.zeros(2))
    assert closed is not None
    np.testing.assert_array_equal(closed[1], [5.0, np.nan])


def test_a_step_after_a_hole_starts_anew() -> None:
    means = StepMeans(1, step_s=900, period_s=900)
    assert means.add(0, np.array([1.0])) is None
    first = means.add(10 * 900_000, np.array([2.0]))
    second = means.add(11 * 900_000, np.array([3.0]))
    assert first is not None
    assert second is not None
    assert (first[0], first[1].tolist(), second[0], second[1].tolist()) == (0, [1.0], 10, [2.0])
