"""Alignment equals the slow obvious reference, and a timeline holds a stamp exactly where something has a value."""

import math
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.store import align
from bessline.store.align import Held, as_of, values_as_of, write_timeline
from bessline.store.columns import ColumnFile, ColumnWriter, RowGroupCache

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


def _signal(path: Path, t_ms: list[int], value: list[float]) -> Held:
    writer = ColumnWriter(path)
    writer.append(np.array(t_ms), np.array(value))
    writer.close()
    return Held(path, tolerance_ms=3000)


def test_a_grid_holds_the_instants_where_any_signal_has_a_value(tmp_path: Path) -> None:
    """Multiples of the period from the epoch, from the first value on, as long as the last one holds."""
    first = _signal(tmp_path / "a.parquet", [1500, 2500], [1.0, 2.0])
    second = _signal(tmp_path / "b.parquet", [9100, 9900], [1.0, math.nan])
    summary = write_timeline([first, second], tmp_path / "t.parquet", period_ms=1000, stamps=[], grid=True)
    found = ColumnFile(tmp_path / "t.parquet", RowGroupCache()).stamps(0, 99)
    # 9100 is ended by a marker before 10000, so the second signal never shows
    assert found.tolist() == [2000, 3000, 4000, 5000]
    assert (summary.rows, summary.start_ms, summary.end_ms, summary.gap_ms) == (4, 2000, 5000, 0)


def test_whole_rows_keep_their_own_stamps(tmp_path: Path) -> None:
    """A row exists where it has a value; a row of nothing but markers does not."""
    first = _signal(tmp_path / "a.parquet", [10, 1017, 2048], [1.0, math.nan, 3.0])
    second = _signal(tmp_path / "b.parquet", [10, 1017, 9000], [math.nan, math.nan, 3.0])
    stamps = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    summary = write_timeline([first, second], tmp_path / "t.parquet", period_ms=1000, stamps=stamps, grid=False)
    assert ColumnFile(tmp_path / "t.parquet", RowGroupCache()).stamps(0, 99).tolist() == [10, 2048, 9000]
    assert summary.gap_ms == 9000 - 2048 - 1000


def test_a_hole_of_years_costs_no_rows(tmp_path: Path) -> None:
    """Two values 20 years apart give their own few instants and nothing between."""
    years = 20 * 365 * 86_400_000
    held = _signal(tmp_path / "a.parquet", [0, years], [1.0, 2.0])
    summary = write_timeline([held], tmp_path / "t.parquet", period_ms=1000, stamps=[], grid=True)
    assert summary.rows == 8
    assert summary.gap_ms == years - 3000 - 1000
