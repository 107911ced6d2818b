from __future__ import annotations

import numpy as np
import pytest

from bessline.analytics.forecasting import pool as pool_module
from bessline.analytics.forecasting.base import Memory, Method
from bessline.analytics.forecasting.local_clock import Slots
from bessline.analytics.forecasting.pool import MEANS, Pool
from bessline.sources.base import Float64
from unit_tests.bessline.analytics.forecasting.steps import Walk


class Floor(Method):
    """Always 0."""

    names: tuple[str, ...] = ("floor",)

    def __init__(self, memory: Memory) -> None:
        self.horizon = memory.horizon

    def forecast(self, targets: Slots) -> Float64:
        return np.zeros((1, self.horizon))


class Others(Floor):
    """Always 4, and always 12."""

    names = ("four", "twelve")

    def forecast(self, targets: Slots) -> Float64:
        return np.stack([np.full(self.horizon, 4.0), np.full(self.horizon, 12.0)])


class Mute(Floor):
    """Never has ground."""

    names = ("mute",)

    def forecast(self, targets: Slots) -> Float64:
        return np.full((1, self.horizon), np.nan)


def _pool(monkeypatch: pytest.MonkeyPatch, *methods: type[Method]) -> tuple[Pool, Walk]:
    monkeypatch.setattr(pool_module, "METHODS", (Floor, *methods))
    walk = Walk()
    return Pool(walk.memory), walk


def _live(pool: Pool, walk: Walk, values: list[float]) -> None:
    """Hour by hour: forecast, then see."""
    for value in values:
        pool.forecast(walk.targets)
        at = walk.clock.slots(walk.memory.past.end, 1)
        walk.memory.take(value, at)
        pool.learn(value, at)


def test_the_floor_stands_until_another_has_done_better(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, walk = _pool(monkeypatch, Others)
    _live(pool, walk, [5.0] * 71)
    assert pool.forecast(walk.targets).method == "floor"
    _live(pool, walk, [5.0] * 2)
    chosen = pool.forecast(walk.targets)
    assert (chosen.method, chosen.median.tolist()) == ("four", [4.0] * 24)


def test_what_is_no_better_than_the_floor_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, walk = _pool(monkeypatch, Others)
    _live(pool, walk, np.random.default_rng(1).choice([0.0, 0.0, 1.0], size=500).tolist())
    assert pool.forecast(walk.targets).method == "floor"


def test_skill_is_error_over_the_floors_on_the_same_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing values judge nobody; a method without ground is not judged at all."""
    pool, walk = _pool(monkeypatch, Others, Mute)
    _live(pool, walk, [5.0, np.nan] * 100)
    assert pool.names[:4] == ("floor", "four", "twelve", "mute")
    np.testing.assert_allclose(pool.skill[:4], [1.0, 1 / 5, 7 / 5, np.nan])
    assert pool.names[4:6] == MEANS


def test_a_method_that_lost_its_touch_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, walk = _pool(monkeypatch, Others)
    _live(pool, walk, [5.0] * 24 * 10)
    assert pool.forecast(walk.targets).method != "floor"
    _live(pool, walk, [-5.0] * 24 * 40)
    assert pool.forecast(walk.targets).median.mean() < 1.0


def test_the_corrected_mean_has_as_many_values_above_as_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skewed load: a mean is too high most of the time."""
    pool, walk = _pool(monkeypatch, Others)
    values = np.random.default_rng(5).exponential(4.0, size=24 * 150)
    _live(pool, walk, values.tolist())
    corrected = pool.newest[-1]
    assert 0.4 < (values < corrected.mean()).mean() < 0.6
