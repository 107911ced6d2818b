"""A body of /anomalies/detect: what it may say, and every fault named by its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import detection_body
from api.detection_body import Span, read_body
from api.posted_rows import BadRows
from bessline.detection import Table

ROW = {"voltage": 3.3, "current": None}


def faults_of(body: bytes | Any) -> list[tuple[list[str | int], str]]:
    with pytest.raises(BadRows) as caught:
        read_body(body if isinstance(body, bytes) else orjson.dumps(body))
    return [(error["loc"], error["msg"]) for error in caught.value.errors]


def test_rows_become_a_table_with_nothing_filled() -> None:
    rows = [{"a": 1, "timestamp": "2024-05-01T00:00:00Z"}, {"b": 2.5}, {"a": None, "b": 0}]
    asked = read_body(orjson.dumps({"data": rows, "battery_id": "B 7", "thresholds": {"a": {"max": 3}}}))
    assert isinstance(asked.of, Table)
    assert asked.of.features == ("a", "b")
    np.testing.assert_array_equal(asked.of.values, [[1, np.nan], [np.nan, 2.5], [np.nan, 0]])
    assert asked.of.timestamps == ["2024-05-01T00:00:00Z", None, None]
    assert (asked.battery_id, asked.wish.contamination, asked.wish.thresholds) == ("B 7", "auto", {"a": (None, 3)})


def test_a_history_is_named() -> None:
    asked = read_body(b'{"device_id":"bess1","start":"2024-05-01","fields":["bms_soc"],"contamination":0.02}')
    assert asked.of == Span("bess1", 1_714_521_600_000, None, ("bms_soc",))
    assert asked.wish.contamination == 0.02


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", []),
        (b"{", []),
        (b"\xff\xfe", []),
        (b'{"data":[{"a":NaN}]}', []),
        ([], []),
        ("text", []),
        ({}, ["data"]),
        ({"data": []}, ["data"]),
        ({"data": {"a": 1}}, ["data"]),
        ({"data": [{}]}, ["data"]),
        ({"data": [{"timestamp": "2024"}]}, ["data"]),
        ({"data": [ROW, 3]}, ["data", 1]),
        ({"data": [ROW, None]}, ["data", 1]),
        ({"data": [ROW, {"voltage": "3.3"}]}, ["data", 1, "voltage"]),
        ({"data": [ROW, {"voltage": True}]}, ["data", 1, "voltage"]),
        ({"data": [ROW, {"voltage": [1]}]}, ["data", 1, "voltage"]),
        ({"data": [ROW, {"voltage": 1e301}]}, ["data", 1, "voltage"]),
        ({"data": [{"": 1}]}, ["data"]),
        ({"data": [{"n" * 65: 1}]}, ["data"]),
        ({"data": [ROW | {"timestamp": 5}]}, ["data", 0, "timestamp"]),
        ({"data": [ROW], "contamination": 0}, ["contamination"]),
        ({"data": [ROW], "contamination": 0.51}, ["contamination"]),
        ({"data": [ROW], "contamination": -1}, ["contamination"]),
        ({"data": [ROW], "contamination": "much"}, ["contamination"]),
        ({"data": [ROW], "contamination": True}, ["contamination"]),
        ({"data": [ROW], "contamination": None}, ["contamination"]),
        ({"data": [ROW], "contamination": [0.1]}, ["contamination"]),
        ({"data": [ROW], "limit": 0}, ["limit"]),
        ({"data": [ROW], "limit": 1.5}, ["limit"]),
        ({"data": [ROW], "scores": "yes"}, ["scores"]),
        ({"data": [ROW], "battery_id": 7}, ["battery_id"]),
        ({"data": [ROW], "thresholds": [1]}, ["thresholds"]),
        ({"data": [ROW], "thresholds": {"volts": {"max": 1}}}, ["thresholds", "volts"]),
        ({"data": [ROW], "thresholds": {"voltage": 4}}, ["thresholds", "voltage"]),
        ({"data": [ROW], "thresholds": {"voltage": {"high": 4}}}, ["thresholds", "voltage"]),
        ({"data": [ROW], "thresholds": {"voltage": {"max": "4"}}}, ["thresholds", "voltage"]),
        ({"data": [ROW], "thresholds": {"voltage": {"min": 4, "max": 3}}}, ["thresholds", "voltage"]),
        ({"data": [ROW], "rows": 1}, ["rows"]),
        ({"data": [ROW], "device_id": "bess1"}, ["device_id"]),
        ({"device_id": "../etc"}, ["device_id"]),
        ({"start": "2024-05-01"}, ["device_id"]),
        ({"device_id": "bess1", "start": "yesterday"}, ["start"]),
        ({"device_id": "bess1", "start": 5}, ["start"]),
        ({"device_id": "bess1", "start": "2024-05-02", "end": "2024-05-01"}, ["end"]),
        ({"device_id": "bess1", "fields": "bms_soc"}, ["fields"]),
        ({"device_id": "bess1", "fields": []}, ["fields"]),
    ],
)
def test_every_fault_is_named_by_its_place(body: Any, place: list[str | int]) -> None:
    found = faults_of(body)
    assert found[0][0] == ["body", *place], found
    assert all(message for _, message in found)


@pytest.mark.parametrize(
    ("value", "hinted"), [(b"NaN", True), (b"-Infinity", True), (b"Infinity", True), (b"nil", False)]
)
def test_what_stands_for_missing_is_told(value: bytes, hinted: bool) -> None:
    """Python and JavaScript write what JSON does not know."""
    ((_, message),) = faults_of(b'{"data":[{"a":1},{"a":' + value + b"}]}")
    assert ("write null where a value is missing" in message) == hinted


def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection_body, "MOST_ROWS", 3)
    monkeypatch.setattr(detection_body, "MOST_FEATURES", 2)
    monkeypatch.setattr(detection_body, "MOST_VALUES", 5)
    for rows in ([{"a": 1}] * 4, [{"a": 1, "b": 1, "c": 1}], [{"a": 1, "b": 1}] * 3):
        assert faults_of({"data": rows})[0][0] == ["body", "data"]


def test_many_faults_are_not_all_named() -> None:
    assert len(faults_of({"data": [{"a": "x"}] * 5000})) == 20


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_MEMBERS = st.sampled_from(["data", "contamination", "thresholds", "limit", "scores", "device_id", "start", "fields"])


@settings(max_examples=60)
@given(st.dictionaries(_MEMBERS | st.just("battery_id"), _ANYTHING, max_size=5) | _ANYTHING)
def test_no_body_breaks_it(body: Any) -> None:
    """Whatever is sent is taken or refused, with places."""
    errors = []
    try:
        read_body(orjson.dumps(body))
    except BadRows as error:
        errors = error.errors
    assert all(each["loc"][0] == "body" and each["msg"] for each in errors)
