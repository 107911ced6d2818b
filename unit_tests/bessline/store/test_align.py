"""Alignment equals the slow obvious reference, and a timeline holds a stamp exactly where something has a value."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.base import Int64
from bessline.store import align
from bessline.store.align import Grid, Instants, as_of

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
        joined = Instants(np.array(at, np.int64)).values(t_ms, value, tolerance_ms=tolerance)
    np.testing.assert_array_equal(joined, [value for value, _ in expected])


_grids = st.builds(
    lambda first, step, places: first + step * np.array(sorted(places), np.int64),
    st.integers(-50, 50),
    st.integers(1, 12),
    st.sets(st.integers(0, 20), min_size=1, max_size=20),
)


@given(_rows, _grids, st.integers(0, 50), st.integers(1, 21))
def test_alignment_on_a_grid_equals_the_obvious_reference(
    rows: list[tuple[int, float]], at: Int64, tolerance: int, block: int
) -> None:
    """The same where instants are counted: some left out, rows before and behind them all, and block by block."""
    t_ms, value = np.array([t for t, _ in rows], np.int64), np.array([v for _, v in rows])
    with patch.object(align, "MANY", 0), patch.object(align, "BLOCK", block):
        found = Instants(at).values(t_ms, value, tolerance_ms=tolerance)
    np.testing.assert_array_equal(found, [_obvious(int(instant), rows, tolerance)[0] for instant in at])


@given(_grids, st.lists(st.integers(0, 250), min_size=1))
def test_what_is_counted_is_what_would_be_found(at: Int64, since: list[int]) -> None:
    """How many instants stand before a stamp."""
    t_ms = np.sort(at[0] + np.array(since))
    grid = Grid.of(at)
    assert grid is None or grid.before(t_ms[t_ms <= at[-1]]).tolist() == at.searchsorted(t_ms[t_ms <= at[-1]]).tolist()
    assert grid is not None or len(at) == 1 or at[-1] - at[0] >= 4 * len(at) or len(set(np.diff(at).tolist())) > 1


@pytest.mark.parametrize("at", [[7], [0, 0, 10], [0, 1000, 2001], [0, 1, 999]])
def test_what_is_on_no_grid_is_not_counted(at: list[int]) -> None:
    """One alone, one twice, one beside the others' grid, one far away on it."""
    assert Grid.of(np.array(at)) is None


@given(st.integers(0, 2**32), st.sampled_from([1, 900, 30_000, 90_000]))
def test_a_long_alignment_is_the_short_ones_in_a_row(seed: int, tolerance: int) -> None:
    """More rows than any block, uneven steps, markers and holes: joined as searched."""
    random = np.random.default_rng(seed)
    t_ms = np.cumsum(random.choice([1, 1000, 30_000, 400_000], 2 * align.MANY)).astype(np.int64)
    value = np.where(random.random(len(t_ms)) < 0.1, np.nan, random.normal(size=len(t_ms)))
    some = np.sort(random.integers(-1000, int(t_ms[-1]) + 1000, 3 * align.MANY))
    grid = np.arange(-30_000, int(t_ms[-1]) + 200_000, 30_000)
    for instants in (some, grid, grid[random.random(len(grid)) < 0.9]):
        found = Instants(instants).values(t_ms, value, tolerance_ms=tolerance)
        np.testing.assert_array_equal(found, as_of(instants, t_ms, value, tolerance_ms=tolerance)[0])
