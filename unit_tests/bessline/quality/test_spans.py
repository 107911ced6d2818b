"""Stretches begin and end where a thing begins and ends to hold."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.quality.spans import clipped, runs, spans_where


@given(st.lists(st.booleans(), max_size=50))
def test_runs_cover_what_holds_and_nothing_else(held: list[bool]) -> None:
    begins, ends = runs(np.array(held, bool))
    again = np.zeros(len(held), bool)
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        assert not again[begin - 1 : begin].any()
        again[begin:end] = True
    assert again.tolist() == held


def test_a_span_tells_its_stamps_how_many_and_the_first_value() -> None:
    t_ms, value = np.arange(5) * 10, np.array([1.0, 7.0, 8.0, 2.0, 9.0])
    spans = spans_where(value > 5, t_ms, value)
    assert (spans.first_ms.tolist(), spans.last_ms.tolist()) == ([10, 40], [20, 40])
    assert (spans.values.tolist(), spans.value.tolist()) == ([2, 1], [7, 9])


def test_a_day_has_its_part_of_a_span() -> None:
    spans = spans_where(np.array([True, True, False, True]), np.array([0, 30, 50, 90]), np.ones(4))
    part = clipped(spans, 10, 60)
    assert (part.first_ms.tolist(), part.last_ms.tolist(), part.values.tolist()) == ([10], [30], [2])
