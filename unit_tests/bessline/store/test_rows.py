"""Rows as points: the same whether they are read at once or by windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.base import Float64, Int64
from bessline.store import rows
from bessline.store.gaps import points_of
from bessline.store.overlay import OverlaidColumn
from bessline.store.rows import read_points

TOLERANCE = 90


class Counting(OverlaidColumn):
    """Rows in memory that remembers how many were asked for at most."""

    most = 0

    def between(self, first_ms: int, last_ms: int) -> tuple[Int64, Float64]:
        found = super().between(first_ms, last_ms)
        self.most = max(self.most, len(found[0]))
        return found


@given(
    steps=st.lists(st.tuples(st.integers(1, 200), st.sampled_from([1.0, 2.0, float("nan")])), min_size=1, max_size=60),
    window=st.integers(1, 30),
)
def test_windows_change_nothing(steps: list[tuple[int, float]], window: int) -> None:
    """Values, breaks and count are those of all rows at once, wherever the windows are cut."""
    t_ms = np.cumsum([step for step, _ in steps])
    value = np.array([v for _, v in steps])
    column = OverlaidColumn(None, t_ms, value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "WINDOW_ROWS", window)
        points, count = read_points(
            column, int(t_ms[0]), int(t_ms[-1]), rows=len(t_ms), tolerance_ms=TOLERANCE, most=100
        )
    whole = points_of(t_ms, value, tolerance_ms=TOLERANCE)
    assert count == len(whole)
    np.testing.assert_array_equal(points.t_ms, whole.t_ms)
    np.testing.assert_array_equal(points.value, whole.value)
    np.testing.assert_array_equal(points.broken(), whole.broken())
    np.testing.assert_array_equal(points.nulls(), whole.nulls())


def test_many_rows_are_never_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the spikes of each window reach the end."""
    monkeypatch.setattr(rows, "WINDOW_ROWS", 1000)
    value = np.sin(np.arange(50_000) / 300)
    value[[7_777, 33_333]] = 5.0, -5.0
    column = Counting(None, np.arange(50_000) * 30, value)
    points, count = read_points(column, 0, 50_000 * 30, rows=50_000, tolerance_ms=TOLERANCE, most=200)
    assert (count, column.most <= 1001, len(points) <= 200) == (50_000, True, True)
    assert {7_777 * 30, 33_333 * 30} <= set(points.t_ms.tolist())


def test_an_empty_range_is_no_points() -> None:
    points, count = read_points(
        OverlaidColumn(None, np.array([5]), np.array([1.0])), 9, 8, rows=0, tolerance_ms=TOLERANCE, most=10
    )
    assert (len(points), count) == (0, 0)
