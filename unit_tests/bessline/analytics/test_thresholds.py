"""Thresholds from the highest scores of past blocks."""

import numpy as np
import pytest

from bessline.analytics.thresholds import BLOCK_MS, KEPT, BlockMaxima


def _fed(scores: list[float], *, least: int = 4) -> BlockMaxima:
    maxima = BlockMaxima(least=least)
    for block, score in enumerate(scores):
        maxima.update(block * BLOCK_MS, score - 1)
        maxima.update(block * BLOCK_MS + 60_000, score)
    maxima.update(len(scores) * BLOCK_MS, float("nan"))
    return maxima


def test_it_is_the_quantile_of_block_maxima() -> None:
    """27 blocks at one a week of 28 blocks: the highest. Two a week: the second highest."""
    maxima = _fed([float(n) for n in range(1, 28)])
    assert maxima.threshold(1.0) == pytest.approx(27.0)
    assert maxima.threshold(2.0) == pytest.approx(26.0)


def test_there_is_none_before_there_is_evidence() -> None:
    assert _fed([1.0, 2.0, 3.0]).threshold(1.0) is None
    assert _fed([1.0, 2.0, 3.0, 4.0]).threshold(1.0) is not None


def test_rarer_than_anything_seen_lies_beyond_it() -> None:
    maxima = _fed([float(n) for n in range(20)])
    half, tenth = maxima.threshold(0.5), maxima.threshold(0.1)
    assert half is not None
    assert tenth is not None
    assert 19 < half < tenth


@pytest.mark.parametrize("wanted", [0.5, 1.0, 5.0])
def test_past_blocks_foretell_how_many_blocks_to_come(wanted: float) -> None:
    draws = [float(d) for d in np.random.default_rng(1).gumbel(3, 1, 6000)]
    maxima, alarms = BlockMaxima(least=28), 0
    for block, score in enumerate(draws):
        maxima.update(block * BLOCK_MS, float("nan"))
        limit = maxima.threshold(wanted)
        alarms += limit is not None and score > limit
        maxima.update(block * BLOCK_MS + 1, score)
    assert alarms / (len(draws) / 28) == pytest.approx(wanted, rel=0.2)


def test_a_block_without_a_score_does_not_count() -> None:
    maxima = _fed([1.0, 2.0, 3.0, 4.0])
    for block in range(5, 50):
        maxima.update(block * BLOCK_MS, float("nan"))
    assert maxima.blocks == 4


def test_it_remembers_eight_weeks() -> None:
    maxima = _fed([100.0] * 10 + [1.0 + n % 7 for n in range(KEPT)])
    assert maxima.blocks == KEPT
    assert maxima.threshold(0.5) == pytest.approx(7.0)
