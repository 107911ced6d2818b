"""Thresholds from the highest scores of past blocks."""

import numpy as np
import pytest

from bessline.analytics.thresholds import BLOCK_MS, KEPT, BlockMaxima, FittedTail


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


def test_a_few_blocks_foretell_as_well_as_many() -> None:
    """Of 14 blocks of exponential scores, the next one passes the threshold of a quarter a week as often as that."""
    draws, passed = np.random.default_rng(3).exponential(1.0, (4000, 15)), 0
    for row in draws:
        limit = _fed(row[:14].tolist()).threshold(0.25)
        passed += limit is not None and row[14] > limit
    assert passed / len(draws) < 1.1 * 0.25 / 28


def test_what_a_young_device_never_did_counts_as_odd_as_it_would_now() -> None:
    maxima = BlockMaxima(least=4, young=100)
    for block in range(12):
        maxima.update(block * BLOCK_MS, 3.0 if block == 0 else 0.1)
    # The first of eleven blocks that are over: then it was one of one, now it would be one of eleven.
    assert maxima.threshold(28 / 12) == pytest.approx(3.0 + np.log10(11))
    # What was seen before is as odd as it was.
    assert maxima.threshold(2 * 28 / 12) == pytest.approx(0.1)
    for block in range(12, 400):
        maxima.update(block * BLOCK_MS, 1.0)
    assert (maxima.threshold(28 / 150) or 0) < 1.1


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


def _fitted(scores: list[float]) -> FittedTail:
    fitted = FittedTail(least=4)
    for block, score in enumerate([*scores, float("nan")]):
        fitted.update(block * BLOCK_MS, score)
    return fitted


def test_a_fitted_tail_keeps_to_its_rate() -> None:
    draws = [float(d) for d in np.random.default_rng(2).gumbel(3, 0.5, 200)]
    limit = _fitted(draws).threshold(0.5)
    assert limit is not None
    # Where the truth is passed by one block in 56.
    assert limit == pytest.approx(3 - 0.5 * np.log(-np.log(1 - 1 / 56)), rel=0.08)


def test_a_fault_of_days_moves_a_fitted_tail_little() -> None:
    draws = [float(d) for d in np.random.default_rng(2).gumbel(3, 0.5, 112)]
    calm, odd = _fitted(draws), _fitted([*draws, *[40.0] * 8])
    assert (odd.threshold(0.25) or 0) < 1.1 * (calm.threshold(0.25) or 0)


def test_a_tail_that_never_moved_lies_where_it_is() -> None:
    assert _fitted([0.0] * 8).threshold(0.5) == 0.0
