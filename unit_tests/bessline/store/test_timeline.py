"""A timeline holds a stamp exactly where something has a value."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.base import Int64
from bessline.store import timeline
from bessline.store.align import as_of
from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.overlay import Mask
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.timeline import Held, holds, write_timeline

_ROWS = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from([1.5, 2.5, math.nan])),
    min_size=1, max_size=30, unique_by=lambda row: row[0],
).map(sorted)  # fmt: skip


@given(_ROWS, st.lists(st.integers(-10, 260), max_size=30).map(sorted), st.integers(0, 50))
def test_a_value_holds_where_alignment_finds_one(rows: list[tuple[int, float]], at: list[int], tolerance: int) -> None:
    """Between values, behind the last one, across holes and markers."""
    t_ms, value = np.array([t for t, _ in rows], np.int64), np.array([v for _, v in rows])
    instants = np.array(at, np.int64)
    expected = ~np.isnan(as_of(instants, t_ms, value, tolerance_ms=tolerance)[0])
    assert holds(instants, t_ms, value, tolerance_ms=tolerance).tolist() == expected.tolist()
    if not np.isnan(value).any():
        assert holds(instants, t_ms, np.empty(0), tolerance_ms=tolerance).tolist() == expected.tolist()


def _signal(path: Path, t_ms: list[int], value: list[float]) -> Held:
    writer = ColumnWriter(path)
    writer.append(np.array(t_ms), np.array(value))
    writer.close()
    return Held(path, tolerance_ms=3000)


def test_a_grid_holds_the_instants_where_any_signal_has_a_value(tmp_path: Path) -> None:
    """Multiples of the period from the epoch, from the first value on, as long as the last one holds."""
    first = _signal(tmp_path / "a.parquet", [1500, 2500], [1.0, 2.0])
    second = _signal(tmp_path / "b.parquet", [9100, 9900], [1.0, math.nan])
    first = replace(first, has_markers=False)
    summary = write_timeline([first, second], tmp_path / "t.parquet", period_ms=1000, stamps=[], grid=True)
    found = ColumnFile(tmp_path / "t.parquet", RowGroupCache()).stamps(0, 99)
    # 9100 is ended by a marker before 10000, so the second signal never shows
    assert found.tolist() == [2000, 3000, 4000, 5000]
    assert (summary.rows, summary.start_ms, summary.end_ms, summary.gap_ms) == (4, 2000, 5000, 0)


def test_a_clock_that_once_said_1970_costs_no_walk_through_the_years(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instants are looked at where there are rows, and none of theirs is left out."""
    may_1, looked = 1_714_521_600_000, list[int]()
    first = _signal(tmp_path / "a.parquet", [0, may_1, may_1 + 1000], [1.0, 2.0, 3.0])
    second = _signal(tmp_path / "b.parquet", [1000, may_1 + 7000], [1.0, 2.0])
    any_value = timeline.any_value

    def watched(signals: Any, instants: Int64, *, known: Mask | None) -> Mask:
        looked.append(len(instants))
        return any_value(signals, instants, known=known)

    monkeypatch.setattr(timeline, "any_value", watched)
    monkeypatch.setattr(timeline, "_WINDOW", 3)
    write_timeline([first, second], tmp_path / "t.parquet", period_ms=1000, stamps=[], grid=True)
    found = ColumnFile(tmp_path / "t.parquet", RowGroupCache()).stamps(0, 99)
    in_may = [may_1 + 1000 * second for second in (*range(5), *range(7, 11))]
    assert found.tolist() == [*range(0, 5000, 1000), *in_may]
    assert sum(looked) < 30


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
