"""When rows are written."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.cadence import CELL_S, FAST_S, SLOW_S, Logger, kept, network_holes
from bessline.demo.plant import DAY_S


def stamps(step_s: float, *, seed: int = 1, days: int = 3) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    logger = Logger(np.random.default_rng(seed), step_s=step_s)
    return [logger.stamps(np.random.default_rng(day), day=day) for day in range(days)]


@pytest.mark.parametrize(("step_s", "median"), [(FAST_S, 30), (SLOW_S, 59), (CELL_S, 41)])
@pytest.mark.parametrize("seed", range(5))
def test_the_median_step_is_the_habit_of_the_exports(step_s: float, median: int, seed: int) -> None:
    """30 s, 59 s and 41 s, whatever the drift of the single logger."""
    assert np.median(np.diff(np.concatenate(stamps(step_s, seed=seed)))) == median


def test_steps_drift_against_the_minute() -> None:
    """No logger keeps to the full minute."""
    assert len(np.unique(np.concatenate(stamps(SLOW_S)) % 60)) == 60


def test_days_join_and_never_go_back() -> None:
    """The first row of a day comes one step after the last of the day before."""
    first, second, _ = stamps(CELL_S)
    assert second[0] >= DAY_S > first[-1]
    assert 40 <= second[0] - first[-1] <= 43
    assert (np.diff(np.concatenate((first, second))) > 0).all()


def test_the_first_row_comes_within_half_a_minute() -> None:
    """So that the first reading on a grid of 30 s has every field."""
    assert all(1 <= stamps(SLOW_S, seed=seed, days=1)[0][0] < 30 for seed in range(50))


def test_about_three_percent_of_minutes_are_missing() -> None:
    """Small holes of the network and single lost minutes together."""
    rng = np.random.default_rng(1)
    every = np.arange(DAY_S, 2 * DAY_S, 30)
    shares = [kept(every, hidden=network_holes(rng, day=1), rng=rng).mean() for _ in range(50)]
    assert 0.025 < 1 - float(np.mean(shares)) < 0.04


def test_the_first_ten_minutes_are_whole() -> None:
    """A stream that starts with the span starts with everything."""
    for seed in range(50):
        rng = np.random.default_rng(seed)
        assert kept(np.arange(600), hidden=network_holes(rng, day=0), rng=rng).all()


def test_hidden_stretches_are_half_open() -> None:
    """A row at the end of a hole is there again."""
    rng = np.random.default_rng(1)
    assert kept(np.array([9, 10, 19, 20]), hidden=((10, 20),), rng=rng).tolist() == [True, False, False, True]
