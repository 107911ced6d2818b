"""Tail probabilities from a bounded past."""

import numpy as np
import numpy.typing as npt
import pytest

from bessline.analytics.calibration import TURNS, Smoother, TailRank
from bessline.sources.base import Float64

YES = np.array([True])


def _updated(rank: TailRank, score: Float64, *, learn: npt.NDArray[np.bool_] = YES, elapsed_s: float = 1.0) -> Float64:
    chance = rank.update(score, learn=learn, elapsed_s=elapsed_s)
    rank.refresh()
    return chance


def _ranks(scores: Float64, *, weight: float = 1.0) -> Float64:
    rank = TailRank((1, 1), tail=3, weight=weight, memory_s=1e12)
    return np.array([float(_updated(rank, np.array([[s]]))[0, 0]) for s in scores])


def test_a_rank_is_the_share_of_the_past_above() -> None:
    """Against counting, which is exact; a histogram errs by a part of its bin, and is some ticks old."""
    scores = np.random.default_rng(1).lognormal(0, 1, 4000)
    ranks = _ranks(scores)
    exact = np.array([(scores[:n] > scores[n]).mean() for n in range(2000, 4000)])
    np.testing.assert_allclose(ranks[2000:], exact, atol=0.012)


def test_ranks_of_one_law_are_even_whatever_the_law() -> None:
    for draw in (np.random.default_rng(2).exponential(5, 6000), np.random.default_rng(3).pareto(1.5, 6000)):
        ranks = _ranks(draw)[1000:]
        for level in (0.01, 0.1, 0.5):
            assert (ranks <= level).mean() == pytest.approx(level, rel=0.4)


def test_beyond_all_that_was_seen_it_still_grows() -> None:
    scores = np.r_[np.random.default_rng(4).exponential(1, 3000), 30.0, 300.0]
    ranks = _ranks(scores)
    assert ranks[-1] < ranks[-2] / 100 < 1e-6


def test_channels_do_not_touch_each_other() -> None:
    """Forty together, of two detectors, are ranked as each alone."""
    scores = np.random.default_rng(6).lognormal(0, 2, (300, 2, 40))
    together = TailRank((2, 40), tail=3, weight=1.0, memory_s=200.0)
    alone = [[TailRank((1, 1), tail=3, weight=1.0, memory_s=200.0) for _ in range(40)] for _ in range(2)]
    for tick in scores:
        ranks = together.update(tick, learn=np.ones(40, bool), elapsed_s=1.0)
        for _ in range(TURNS):
            together.refresh()
        for row, column in np.ndindex(2, 40):
            one = _updated(alone[row][column], tick[row : row + 1, column : column + 1])
            assert ranks[row, column] == one[0, 0]


def test_what_is_not_to_be_learned_is_ranked_but_not_counted() -> None:
    rank = TailRank((1,), tail=3, weight=1.0, memory_s=1e12)
    for _ in range(3 * TURNS):
        _updated(rank, np.array([5.0]), learn=np.array([False]))
    assert rank.seen()[0] == 0
    for _ in range(3 * TURNS):
        _updated(rank, np.array([5.0]))
    assert rank.seen()[0] > TURNS


def test_nan_is_answered_by_nan_and_not_counted() -> None:
    rank = TailRank((1,), tail=3, weight=1.0, memory_s=1e12)
    for _ in range(3 * TURNS):
        assert np.isnan(_updated(rank, np.array([np.nan])))[0]
    assert rank.seen()[0] == 0


def test_the_past_fades() -> None:
    rank = TailRank((1,), tail=3, weight=1.0, memory_s=1000.0)
    for _ in range(10_000):
        _updated(rank, np.array([1.0]), elapsed_s=10.0)
    assert rank.seen()[0] == pytest.approx(100, rel=0.1)


def test_smoothing_knows_how_much_time_has_passed() -> None:
    """Two steps of one minute, or one of two, end alike."""
    once, twice = (Smoother((1,), memory_s=600.0, period_s=120.0) for _ in range(2))
    for smoother in (once, twice):
        smoother.update(np.array([0.0]), elapsed_s=60.0)
    twice.update(np.array([1.0]), elapsed_s=60.0)
    assert twice.update(np.array([1.0]), elapsed_s=60.0)[0] == pytest.approx(
        once.update(np.array([1.0]), elapsed_s=120.0)[0]
    )


def test_smoothing_passes_over_what_is_missing() -> None:
    smoother = Smoother((2,), memory_s=600.0, period_s=60.0)
    smoother.update(np.array([0.0, 0.0]), elapsed_s=60.0)
    assert np.isnan(smoother.update(np.array([np.nan, 1.0]), elapsed_s=60.0)).tolist() == [True, False]
    assert 0 < smoother.update(np.array([1.0, 1.0]), elapsed_s=60.0)[0] < 0.2
