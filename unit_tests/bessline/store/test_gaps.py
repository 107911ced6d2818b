"""A line breaks where nothing was measured, and nowhere else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.store.gaps import joined, points_of, stretches

Row = tuple[int, float]
ROWS = st.lists(st.tuples(st.integers(1, 200), st.sampled_from([1.0, 2.0, float("nan")])), max_size=40)
TOLERANCE = 90


def slowly(rows: list[Row]) -> list[tuple[int, float, bool]]:
    """Stamp, value, and whether the line breaks before it, one row after the other."""
    found: list[tuple[int, float, bool]] = []
    marker = False
    for t, value in rows:
        if value != value:
            marker = True
            continue
        found.append((t, value, bool(found) and (marker or t - found[-1][0] > TOLERANCE)))
        marker = False
    return found


def rows_of(steps: list[Row]) -> list[Row]:
    return list(zip(np.cumsum([step for step, _ in steps]).tolist(), [value for _, value in steps], strict=True))


@given(ROWS)
def test_stretches_are_those_of_a_walk_row_by_row(steps: list[Row]) -> None:
    rows = rows_of(steps)
    points = points_of(np.array([t for t, _ in rows], np.int64), np.array([v for _, v in rows]), tolerance_ms=TOLERANCE)
    breaks = set(points.broken().tolist())
    seen = [(int(t), v, i in breaks) for i, (t, v) in enumerate(zip(points.t_ms, points.value, strict=True))]
    assert seen == slowly(rows)


@given(ROWS)
def test_a_null_stands_inside_its_gap(steps: list[Row]) -> None:
    """After the last value before it, at the latest when that is too old, and before the next."""
    rows = rows_of(steps)
    points = points_of(np.array([t for t, _ in rows], np.int64), np.array([v for _, v in rows]), tolerance_ms=TOLERANCE)
    before, after = points.t_ms[points.broken() - 1], points.t_ms[points.broken()]
    assert ((before < points.nulls()) & (points.nulls() < after)).all()
    assert (points.nulls() - before <= TOLERANCE).all()


def test_leaving_points_out_never_bridges_a_gap() -> None:
    """Of three stretches the middle one is left out: the line is still broken, once, in the first gap."""
    points = points_of(np.array([0, 30, 500, 900, 930]), np.arange(5.0), tolerance_ms=TOLERANCE)
    few = points.at(np.array([0, 1, 3]))
    assert (few.broken().tolist(), few.nulls().tolist()) == ([2], [120])


def test_parts_are_joined_at_the_point_they_share() -> None:
    t_ms, value = np.array([0, 30, 500, 530, 900]), np.arange(5.0)
    whole = points_of(t_ms, value, tolerance_ms=TOLERANCE)
    parts = [
        points_of(t_ms[low:high], value[low:high], tolerance_ms=TOLERANCE) for low, high in ((0, 3), (2, 4), (3, 5))
    ]
    both = joined(parts)
    np.testing.assert_array_equal(both.t_ms, whole.t_ms)
    np.testing.assert_array_equal(both.stretch, whole.stretch)
    np.testing.assert_array_equal(both.breaks, whole.breaks)


def test_no_values_are_no_points() -> None:
    points = points_of(np.array([5, 9]), np.array([np.nan, np.nan]), tolerance_ms=TOLERANCE)
    assert (len(points), points.broken().tolist(), points.nulls().tolist()) == (0, [], [])
    assert stretches(np.array([True, False])).tolist() == [0, 1, 1]
