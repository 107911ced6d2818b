"""Few points that look like many: real ones, in order, spikes and the edges of gaps among them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.base import Float64
from bessline.store.gaps import Points, points_of
from bessline.store.thinning import FEWEST, thinned

DAY_S = 86_400


def swinging(days: int, *, step_s: int = 60) -> tuple[Points, Float64]:
    """A state of charge with two swings a day and a little noise, and its stamps in seconds."""
    t_s = np.arange(0, days * DAY_S, step_s)
    value = 50 + 45 * np.sin(t_s / DAY_S * 4 * np.pi) + np.random.default_rng(0).normal(0, 0.2, len(t_s))
    return points_of(t_s * 1000, value, tolerance_ms=3000 * step_s), value


@given(
    steps=st.lists(st.integers(1, 200_000), min_size=1, max_size=400),
    most=st.integers(FEWEST, 300),
    seed=st.integers(0, 9),
)
def test_points_are_real_few_and_in_order(steps: list[int], most: int, seed: int) -> None:
    """However they lie: at most so many, each once, the first and the last among them."""
    value = np.random.default_rng(seed).integers(-5, 5, len(steps)).astype(np.float64)
    points = points_of(np.cumsum(steps), value, tolerance_ms=90_000)
    index = thinned(points, most)
    assert len(index) <= most
    assert (np.diff(index) > 0).all()
    assert (index[0], index[-1]) == (0, len(points) - 1)
    assert len(index) == len(points) or len(points) > most


@pytest.mark.parametrize("days", [1, 7, 40, 400])
def test_spikes_of_one_sample_survive(days: int) -> None:
    """Thirty spikes, each only a little above (or below) what the signal swings through beside them."""
    _, value = swinging(days)
    at = np.random.default_rng(days).choice(len(value) - 2, 30, replace=False) + 1
    value[at] = np.where(np.arange(30) % 2, 115.0, -15.0) + np.arange(30) / 10
    points = points_of(np.arange(len(value)) * 60_000, value, tolerance_ms=180_000)
    assert len(set(at) & set(thinned(points, 2000).tolist())) >= 29


def test_a_spike_at_the_foot_of_a_swing_survives_where_the_shape_alone_would_drop_it() -> None:
    """The least and the greatest of each part of the time are always there."""
    points, value = swinging(200)
    kept = thinned(points, 400)
    parts = np.array_split(np.arange(len(value)), 50)
    for part in parts:
        own = kept[(kept >= part[0]) & (kept <= part[-1])]
        assert points.value[own].max() >= value[part].max() - 1
        assert points.value[own].min() <= value[part].min() + 1


def test_a_gap_takes_no_room_and_keeps_its_edges() -> None:
    """A year of nothing between two days: nearly all points are spent on the days, and both edges are exact."""
    day = np.arange(0, DAY_S, 30)
    t_ms = np.concatenate([day, day + 366 * DAY_S]) * 1000
    points = points_of(t_ms, np.sin(np.arange(len(t_ms)) / 50), tolerance_ms=90_000)
    index = thinned(points, 1000)
    assert {len(day) - 1, len(day)} <= set(index.tolist())
    assert min((index < len(day)).sum(), (index >= len(day)).sum()) > 300


def test_more_gaps_than_points_break_the_line_between_any_two() -> None:
    points = points_of(np.arange(5000) * 600_000, np.arange(5000.0) % 7, tolerance_ms=90_000)
    few = points.at(thinned(points, 100))
    assert 50 <= len(few) <= 100
    assert len(few.nulls()) == len(few) - 1
