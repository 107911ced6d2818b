"""Alignment equals the slow obvious reference, and a timeline holds a stamp exactly where something has a value."""

import math
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.store import align
from bessline.store.align import as_of, values_as_of

_rows = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from([1.5, 2.5, math.nan])), max_size=30, unique_by=lambda row: row[0]
).map(sorted)


def _obvious(instant: int, rows: list[tuple[int, float]], tolerance: int) -> tuple[float, float]:
    before = [row for row in rows if row[0] <= instant]
    if not before or instant - before[-1][0] > tolerance or math.isnan(before[-1][1]):
        return math.nan, math.nan
    return before[-1][1], (instant - before[-1][0]) / 1000


@given(_rows, st.lists(st.integers(-10, 260), max_size=30).map(sorted), st.integers(0, 50))
def test_alignment_equals_the_obvious_reference(rows: list[tuple[int, float]], at: list[int], tolerance: int) -> None:
    """Newest at or before, never from the future, never older than the tolerance, ended by a marker."""
    t_ms, value = np.array([t for t, _ in rows], np.int64), np.array([v for _, v in rows])
    found = as_of(np.array(at, np.int64), t_ms, value, tolerance_ms=tolerance)
    expected = [_obvious(instant, rows, tolerance) for instant in at]
    np.testing.assert_array_equal(found[0], [value for value, _ in expected])
    np.testing.assert_array_equal(found[1], [age for _, age in expected])
    with patch.object(align, "MANY", 0):
        joined = values_as_of(np.array(at, np.int64), t_ms, value, tolerance_ms=tolerance)
    np.testing.assert_array_equal(joined, [value for value, _ in expected])


@given(st.integers(0, 2**32), st.sampled_from([1, 900, 30_000, 90_000]))
def test_a_long_alignment_is_the_short_ones_in_a_row(seed: int, tolerance: int) -> None:
    """More rows than any block, uneven steps, markers and holes: joined as searched."""
    random = np.random.default_rng(seed)
    t_ms = np.cumsum(random.choice([1, 1000, 30_000, 400_000], 2 * align.MANY)).astype(np.int64)
    value = np.where(random.random(len(t_ms)) < 0.1, np.nan, random.normal(size=len(t_ms)))
    instants = np.sort(random.integers(-1000, int(t_ms[-1]) + 1000, 3 * align.MANY))
    found = values_as_of(instants, t_ms, value, tolerance_ms=tolerance)
    np.testing.assert_array_equal(found, as_of(instants, t_ms, value, tolerance_ms=tolerance)[0])
