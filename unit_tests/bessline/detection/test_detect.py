"""What is answered: whatever the table, never more than it can say."""

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bessline.detection import Table, Wish, detect
from bessline.detection.detect import LEAST_ROWS
from schemas import Detected


def table(count: int = 200, features: int = 3) -> Table:
    values = np.random.default_rng(2).normal(size=(count, features))
    if count:
        values[count // 2] = 7.0
    return Table(tuple("abcdefgh"[:features]), values)


def told(asked: Table, **wish: Any) -> dict[str, Any]:
    answer = detect(asked, Wish(**wish))
    Detected.model_validate(orjson.loads(orjson.dumps(answer)))
    return answer


def test_the_strange_row_comes_first_with_a_reason() -> None:
    answer = told(table(), contamination=0.05)
    assert (answer["rows"], answer["scored"], answer["anomalous"]) == (200, 200, 10)
    first = answer["anomalies"][0]
    assert (first["index"], len(first["features"])) == (100, 3)
    assert "spreads above" in first["reason"]
    assert answer["anomalies"] == sorted(answer["anomalies"], key=lambda each: -each["score"])
    assert all(each["score"] >= answer["threshold"] for each in answer["anomalies"])


def test_auto_takes_the_line_of_the_paper() -> None:
    answer = told(table(), contamination="auto", scores=True)
    assert answer["threshold"] == pytest.approx(0.5)
    assert answer["anomalous"] == sum(score > 0.5 for score in answer["scores"])
    assert len(answer["scores"]) == 200


def test_no_more_than_asked_for_is_told() -> None:
    answer = told(table(), contamination=0.5, limit=7)
    assert (answer["anomalous"], len(answer["anomalies"]), answer["scores"]) == (100, 7, None)


@pytest.mark.parametrize("count", [1, 2, LEAST_ROWS - 1])
def test_too_few_rows_say_nothing(count: int) -> None:
    answer = told(table(count), contamination=0.5, thresholds={"a": (None, 6.0)})
    assert (answer["scored"], answer["threshold"]) == (0, None)
    assert "Nothing can be said" in answer["evidence"]
    assert [each["reason"] for each in answer["anomalies"]] == ["a 7 is above the threshold 6"]
    assert answer["anomalies"][0]["score"] is None


def test_constants_are_left_out_and_named() -> None:
    both = np.column_stack([table().values, np.full(200, 4.2)])
    answer = told(Table(("a", "b", "c", "d"), both), contamination=0.01)
    assert answer["features"] == ["a", "b", "c"]
    assert answer["evidence"].endswith("Never changed and so tells nothing: d.")
    assert told(Table(("d",), np.full((200, 1), 4.2)))["evidence"].startswith("Nothing can be said: no feature has two")


def test_what_has_no_value_is_not_called_constant() -> None:
    """Nor are the columns of a span without rows."""
    values = np.column_stack([table().values, np.full(200, np.nan)])
    assert told(Table(("a", "b", "c", "d"), values))["evidence"].endswith("3 features. Without any value: d.")
    assert told(Table(("a",), np.empty((0, 1))))["evidence"] == "Nothing can be said: there is no row."


def test_rows_without_a_value_have_no_score() -> None:
    values = table().values
    values[3] = np.nan
    values[4, 1] = np.nan
    answer = told(Table(("a", "b", "c"), values), contamination=0.01, scores=True)
    assert (answer["scored"], answer["scores"][3], answer["scores"][4] is None) == (199, None, False)
    assert answer["coverage"] == {"a": 0.995, "b": 0.99, "c": 0.995}
    assert "1 rows without any value are not scored" in answer["evidence"]


def test_a_threshold_and_a_score_are_told_together() -> None:
    answer = told(table(), contamination=0.01, thresholds={"b": (None, 5.0)})
    assert answer["anomalies"][0]["reason"].startswith("b 7 is above the threshold 5; ")
    assert answer["anomalous"] == 2


_NUMBERS = st.floats(-1e300, 1e300) | st.just(np.nan) | st.sampled_from([0.0, 1.0])


@settings(max_examples=20)
@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=30), elements=_NUMBERS))
def test_any_table_is_answered(values: Any) -> None:
    names = tuple(f"f{n}" for n in range(values.shape[1]))
    answer = told(Table(names, values), contamination=0.1, scores=True)
    assert len(answer["scores"]) == answer["rows"] == len(values)
    assert answer["anomalous"] <= answer["rows"]
