"""Scores come from trees that did not see the row, are the same each time, and take missing values."""

import numpy as np
import pytest

from bessline.detection.forest import Halves


def rows(count: int = 400, features: int = 4, seed: int = 1) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(size=(count, features))


def test_a_stranger_scores_highest() -> None:
    values = rows()
    values[17] = 8.0
    scores = Halves(values).scores
    assert scores.argmax() == 17
    assert scores[17] > 0.65
    assert ((scores > 0) & (scores < 1)).all()


def test_no_row_is_scored_by_a_forest_that_saw_it() -> None:
    """A change of one row changes the scores of the other half alone, and its own by its new place."""
    values = rows(60)
    before = Halves(values)
    changed = values.copy()
    changed[5] = 9.0
    after = Halves(changed)
    own = before.half == before.half[5]
    own[5] = False
    assert after.scores[own] == pytest.approx(before.scores[own], abs=0.02)
    assert np.abs(after.scores[~own] - before.scores[~own]).max() > 0.02


def test_the_same_rows_give_the_same_scores() -> None:
    assert (Halves(rows()).scores == Halves(rows()).scores).all()


def test_the_size_of_numbers_does_not_matter() -> None:
    """Also where 32 bits would not tell them apart."""
    far = rows() * np.array([1.0, 1e-6, 1e9, 1.0]) + np.array([0.0, 1e6, 0.0, 1e12])
    assert Halves(far).scores == pytest.approx(Halves(rows()).scores, abs=0.03)


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_missing_values_are_taken(share: float) -> None:
    values = rows()
    values[np.random.default_rng(3).random(values.shape) < share] = np.nan
    values[7] = [9.0, np.nan, 9.0, 9.0]
    scores = Halves(values).scores
    assert np.isfinite(scores).all()
    assert scores.argmax() == 7


def test_a_value_missing_in_one_half_alone() -> None:
    values = rows(40)
    values[3, 2] = np.nan
    assert np.isfinite(Halves(values).scores).all()
