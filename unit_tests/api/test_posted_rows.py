"""Posted rows: every fault is named with its place, and nothing of a faulty request is taken."""

import json
import math
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.posted_rows import MOST_FAULTS, BadRows, Target, read_rows
from unit_tests.plants import MAY_1

LATEST_MS = MAY_1 + 10**10


def target(topic: str = "bms") -> Target:
    return Target("b1", topic, True, None, LATEST_MS)


def faults(body: bytes | str, topic: str = "bms", *, lines: bool = False) -> list[tuple[list[Any], str]]:
    with pytest.raises(BadRows) as caught:
        read_rows(body.encode() if isinstance(body, str) else body, target(topic), lines=lines)
    return [(error["loc"], error["msg"]) for error in caught.value.errors]


def row(**values: Any) -> str:
    return json.dumps({"timestamp": "2024-05-01T00:00:00Z", **values})


TABLE = [
    ("not json", ["body"], "the body is not JSON"),
    ("[]", ["body"], "there is no row"),
    ("7", ["body"], "a row is an object"),
    ("[[]]", ["body", 0], "a row is an object"),
    ('{"soc": 1}', ["body", "timestamp"], "timestamp is missing; write RFC 3339"),
    ('{"timestamp": 5, "soc": 1}', ["body", "timestamp"], "timestamp 5 is not a time"),
    ('{"timestamp": "2024-05-01", "soc": 1}', ["body", "timestamp"], 'timestamp "2024-05-01" is not a time'),
    ('{"timestamp": "2024-05-01T00:00:00", "soc": 1}', ["body", "timestamp"], "has no zone; write RFC 3339 with Z"),
    ('{"timestamp": "2024-02-30T00:00:00Z", "soc": 1}', ["body", "timestamp"], "is not a time that exists"),
    ('{"timestamp": "1969-12-31T00:00:00Z", "soc": 1}', ["body", "timestamp"], "lies before 1970"),
    ('{"timestamp": "2999-12-31T00:00:00Z", "soc": 1}', ["body", "timestamp"], "lies too far ahead"),
    ("[" + row() + "]", ["body", 0], "the row has no value"),
    ("[" + row(soc=1) + "," + row(sox=1) + "]", ["body", 1, "sox"], "did you mean 'soh' or 'soc'?"),
    (row(soc="41"), ["body", "soc"], 'soc is "41"; write a finite number, or null'),
    (row(soc=True), ["body", "soc"], "soc is true"),
    (row(soc=[1]), ["body", "soc"], "soc is [1]"),
    ('{"timestamp": "2024-05-01T00:00:00Z", "soc": NaN}', ["body"], "the body is not JSON"),
    ('{"timestamp": "2024-05-01T00:00:00Z", "soc": 1e999}', ["body"], "the body is not JSON"),
]


@pytest.mark.parametrize(("body", "loc", "message"), TABLE)
def test_a_fault_is_named(body: str, loc: list[Any], message: str) -> None:
    """Its place in the body, and how to write it."""
    found = faults(body)
    assert len(found) == 1
    assert found[0][0] == loc
    assert message in found[0][1]


def test_flags_are_whole_and_cells_are_cells() -> None:
    """Each topic has its own fields."""
    assert "is no whole number" in faults(row(fa1_smoke_flag=0.5), "safety")[0][1]
    assert "cells are p1_v1" in faults(row(soc=1), "cells")[0][1]
    assert read_rows(row(p3_v17=3.3).encode(), target("cells"), lines=False).signals["p3_v17"].value.tolist() == [3.3]
    assert read_rows(row(door=1).encode(), target("unclassified"), lines=False).rows == 1
    assert "'Not good' cannot be a field; write lower-case" in faults(row(**{"Not good": 1}), "unclassified")[0][1]


def test_a_line_that_is_broken_is_named() -> None:
    """Blank lines are none; the others count from 0 like rows of a list."""
    good = row(soc=1)
    assert read_rows(f"{good}\n\n{good}\n".encode(), target(), lines=True).rows == 2
    assert faults(f"{good}\n{{\n", lines=True)[0][0] == ["body", 1]


def test_what_stands_for_missing_is_told() -> None:
    """Python writes NaN by itself, and JSON does not know it."""
    how = "write null where a value is missing"
    assert faults(row(soc=math.nan))[0][1].endswith(how)
    assert faults(row(soc=-math.inf), lines=True)[0][1].endswith(how)
    assert how not in faults('{"timestamp": no}')[0][1]


def test_not_all_faults_of_a_hopeless_request_are_named() -> None:
    """One cause for a million rows is told a few times."""
    assert len(faults("[" + ",".join([row(sox=1)] * 1000) + "]")) == MOST_FAULTS


def test_values_and_stamps_are_taken_as_they_are() -> None:
    """An offset is taken off, a finer fraction cut off, null is a marker, and the order stays."""
    body = [
        {"timestamp": "2024-05-01T02:00:01.0009+02:00", "soc": 1, "soh": None},
        {"timestamp": "2024-05-01T00:00:00.5Z", "soc": -2.5},
    ]
    batch = read_rows(json.dumps(body).encode(), target(), lines=False)
    assert batch.signals["soc"].t_ms.tolist() == [MAY_1 + 1000, MAY_1 + 500]
    assert batch.signals["soc"].value.tolist() == [1.0, -2.5]
    assert np.isnan(batch.signals["soh"].value).tolist() == [True]
    assert (batch.rows, batch.signals["soh"].row.tolist()) == (2, [0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["timestamp", "soc", "x", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.one_of(st.binary(max_size=60), JSON.map(lambda said: json.dumps(said).encode())), st.booleans())
def test_no_body_breaks_it(body: bytes, lines: bool) -> None:
    """Whatever is sent is a batch, or a list of faults."""
    with suppress(BadRows):
        assert read_rows(body, target(), lines=lines).rows
