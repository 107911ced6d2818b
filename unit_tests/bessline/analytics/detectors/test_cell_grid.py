"""Cells among the values of a reading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.analytics.detectors.cell_grid import CellGrid, spread_of

NAMES = ("cells.p2_v1", "bms.soc", "cells.p1_v10", "cells.p1_v2", "cells.p1_t2", "cells.p1_v1")


def test_cells_are_in_order_of_pack_and_number_whatever_that_of_the_signals() -> None:
    assert CellGrid(NAMES, kind="v").channels == ("cells.p1_v1", "cells.p1_v2", "cells.p1_v10", "cells.p2_v1")
    assert CellGrid(NAMES, kind="t").channels == ("cells.p1_t2",)


def test_a_cell_is_measured_from_its_own_packs_median() -> None:
    grid = CellGrid(NAMES, kind="v")
    apart = grid.apart(np.array([9.0, 50.0, 3.0, 2.0, 25.0, 1.0]))
    assert apart.tolist() == [-1.0, 0.0, 1.0, 0.0]
    assert grid.median.tolist() == [2.0, 9.0]
    assert grid.pack_of.tolist() == [0, 0, 0, 1]


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(-5, 5)), min_size=7, max_size=7))
def test_the_median_is_that_of_the_cells_that_are_there(cells: list[float]) -> None:
    """Against the slow and obvious one; with less than half of the pack there is none."""
    grid = CellGrid([f"cells.p1_v{n}" for n in range(1, 8)], kind="v")
    values = np.array(cells)
    apart = grid.apart(values)
    there = values[~np.isnan(values)]
    expected = values - np.median(there) if len(there) >= 4 else np.full(7, np.nan)
    np.testing.assert_allclose(apart, expected)


def test_the_resolution_is_the_smallest_difference_between_two_cells() -> None:
    grid = CellGrid([f"cells.p1_v{n}" for n in range(1, 4)], kind="v")
    grid.apart(np.array([3.2, 3.2, 3.21]))
    assert grid.resolution == pytest.approx(0.01)


def test_those_who_share_a_grid_share_its_work() -> None:
    grid = CellGrid(NAMES, kind="v")
    values = np.arange(6.0)
    assert grid.apart(values, t_ms=7) is grid.apart(values, t_ms=7)
    assert grid.apart(values, t_ms=7) is not grid.apart(values, t_ms=8)


def test_no_cells_are_no_trouble() -> None:
    assert CellGrid(("bms.soc",), kind="v").apart(np.array([1.0])).shape == (0,)


@pytest.mark.parametrize(("apart", "spread"), [([], 0.1), ([np.nan], 0.1), ([1.0, -1.0, np.nan], 1.4826)])
def test_the_spread_leaves_out_what_is_missing(apart: list[float], spread: float) -> None:
    assert spread_of(np.array(apart), least=0.1) == pytest.approx(spread)
