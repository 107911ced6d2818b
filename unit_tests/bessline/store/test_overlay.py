"""Overlays: a patched timeline and an overlaid column answer like one list of all rows."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.overlay import NoTimeline, OverlaidColumn, PatchedTimeline, TailColumn, lost_ms
from bessline.store.row_group_cache import RowGroupCache

STAMPS = st.lists(st.integers(0, 60))
PATCHES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 15), st.lists(st.integers(0, 15))))


class ListTimeline:
    """Stamps in a list."""

    def __init__(self, stamps: list[int] | set[int]) -> None:
        self.t_ms = np.array(sorted(set(stamps)), np.int64)

    @property
    def rows(self) -> int:
        return len(self.t_ms)

    def position(self, t_ms: int) -> int:
        return int(np.searchsorted(self.t_ms, t_ms))

    def stamps(self, start: int, stop: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return self.t_ms[max(start, 0) : max(0, stop)]

    def through(self, cache: RowGroupCache) -> "ListTimeline":
        return self


@given(STAMPS, PATCHES, st.integers(0, 70), st.integers(0, 70))
def test_a_patched_timeline_is_the_list_with_its_stretches_replaced(
    base: list[int], patches: list[tuple[int, int, list[int]]], start: int, stop: int
) -> None:
    """Positions, stamps, rows and lost time, whatever was patched in which order."""
    patched, expected = PatchedTimeline(ListTimeline(base)), set(base)
    for first, width, offsets in patches:
        new = {first + offset for offset in offsets if offset <= width}
        patched = patched.patched(first, first + width, np.array(sorted(new), np.int64))
        expected = {t for t in expected if not first <= t <= first + width} | new
    slow = ListTimeline(expected)
    assert patched.rows == slow.rows
    assert [patched.position(t) for t in range(-1, 80)] == [slow.position(t) for t in range(-1, 80)]
    assert patched.stamps(start, stop).tolist() == slow.stamps(start, stop).tolist()
    assert patched.between(start, stop).tolist() == [t for t in sorted(expected) if start <= t <= stop]
    assert patched.gap_ms(4) == lost_ms(slow.t_ms, 4) - lost_ms(ListTimeline(base).t_ms, 4)


def test_a_growing_end_stays_one_patch() -> None:
    """Live input at the end of a history costs one patch, however long it goes on."""
    timeline = PatchedTimeline(ListTimeline([1, 2, 3]))
    for t in range(4, 50):
        timeline = timeline.patched(t, t + 5, np.array([t]))
    assert (len(timeline.patches), timeline.rows) == (1, 49)
    assert PatchedTimeline(NoTimeline()).rows == 0


@given(st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9).map(float)), max_size=6), max_size=5))
def test_a_tail_keeps_the_last_row_of_each_stamp(puts: list[list[tuple[int, float]]]) -> None:
    """And what it gave to a reader before never changes."""
    tail, expected = TailColumn(), dict[int, float]()
    for rows in puts:
        t_ms, value = tail.view()
        before = t_ms.tolist(), value.tolist()
        tail.put(np.array([t for t, _ in rows], np.int64), np.array([v for _, v in rows], np.float64))
        expected |= dict(rows)
        assert (t_ms.tolist(), value.tolist()) == before
    t_ms, value = tail.view()
    assert dict(zip(t_ms.tolist(), value.tolist(), strict=True)) == expected
    assert t_ms.tolist() == sorted(expected)


def test_a_column_over_a_file_reads_as_one(tmp_path: Path) -> None:
    """Between the rows of the file, in place of one of them, and behind them."""
    with_rows = ColumnWriter(tmp_path / "c.parquet")
    with_rows.append(np.array([10, 20, 30]), np.array([1.0, 2.0, 3.0]))
    with_rows.close()
    base = ColumnFile(tmp_path / "c.parquet", RowGroupCache())
    column = OverlaidColumn(base, np.array([15, 20, 40]), np.array([1.5, np.nan, 4.0]))
    t_ms, value = column.between(10, 40)
    assert t_ms.tolist() == [10, 15, 20, 30, 40]
    assert np.array_equal(value, [1.0, 1.5, np.nan, 3.0, 4.0], equal_nan=True)
    assert column.between(31, 39)[0].tolist() == []
    found, value = column.at(np.array([5, 10, 20, 30, 40, 50]))
    assert found.tolist() == [False, True, True, True, True, False]
    assert np.array_equal(value, [np.nan, 1.0, np.nan, 3.0, 4.0, np.nan], equal_nan=True)
