"""Reasons name the values that are to blame, and thresholds are said as they were given."""

import numpy as np
import pytest

from bessline.detection import Table
from bessline.detection.forest import Halves
from bessline.detection.reasons import Usual, beyond, blame, named, sentence

FEATURES = ("voltage", "current", "temperature")


def test_the_value_that_is_far_is_to_blame() -> None:
    values = np.random.default_rng(1).normal([3.3, 0.0, 25.0], size=(300, 3))
    values[9, 0] = 12.0
    usual = Usual(values)
    blamed = blame(Halves(values), values, np.array([9]), usual=usual)
    (first, *_) = found = named(values[9], blamed[0], features=FEATURES, usual=usual)
    assert (first["feature"], first["value"]) == ("voltage", 12.0)
    assert first["expected"] == pytest.approx(3.3, abs=0.3)
    assert first["share"] > 0.5
    assert sentence(found, []).startswith("voltage 12 (usually 3.")
    assert "spreads above)" in sentence(found, [])


def test_an_unusual_combination_is_called_so() -> None:
    found = [{"feature": "a", "value": 1.0, "expected": 0.0, "deviation": 1.0, "share": 1.0}]
    assert sentence(found * 2, ["b"]).startswith("none of them far alone, but together: a 1 (usually 0")
    assert sentence(found, ["b"]).startswith("seldom, though not far out: a 1 (usually 0")
    assert sentence(found, ["b"]).endswith("; no value of b")
    assert sentence([], []) == "an unusual combination of values"


def test_a_feature_that_hardly_ever_changes_has_a_spread() -> None:
    usual = Usual(np.array([[0.0]] * 99 + [[1.0]]))
    assert usual.spread[0] == pytest.approx(0.01)
    assert Usual(np.zeros((3, 1))).spread[0] == 1.0


def test_rows_beyond_a_threshold() -> None:
    """A limit of zero is a limit, and a missing value is not beyond it."""
    table = Table(("a", "b"), np.array([[1.0, -1.0], [np.nan, 5.0], [-0.5, 0.0]]))
    assert beyond(table, {"a": (0.0, None), "b": (None, 4.0)}) == {
        2: ["a -0.5 is under the threshold 0"],
        1: ["b 5 is above the threshold 4"],
    }
