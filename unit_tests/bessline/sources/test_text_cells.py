"""Columns of text -> stamps and numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from bessline.sources.base import REJECT_SCHEMA
from bessline.sources.cells import Cells
from bessline.sources.local_time import LocalTime
from bessline.sources.text_cells import Ledger, numbers, reject_cells, stamped


def frame(*stamps: str) -> pl.DataFrame:
    return pl.DataFrame({"line": range(2, 2 + len(stamps)), "text": stamps})


def test_numbers_markers_and_garbage_are_told_apart() -> None:
    """A marker is NaN and taken, garbage is NaN and bad."""
    value, bad = numbers(pl.Series(["1", " N/A ", "x", "-inf", "\t2.5"]))
    assert np.array_equal(value, [1, np.nan, np.nan, np.nan, 2.5], equal_nan=True)
    assert bad is not None
    assert bad.tolist() == [False, False, True, True, False]


def test_a_column_without_garbage_says_so() -> None:
    """``None`` spares the callers a mask."""
    assert numbers(pl.Series(["1", ""]))[1] is None


def test_decimal_commas_and_whole_numbers() -> None:
    """Both are the description's or the catalogue's word, not a guess."""
    assert numbers(pl.Series(["1,25"]), written=Cells(";", ","))[0].tolist() == [1.25]
    bad = numbers(pl.Series(["1.0", "0.5", ""]), whole=True)[1]
    assert bad is not None
    assert bad.tolist() == [False, True, False]


def test_stamps_of_a_missing_hour_are_entered_with_the_zone() -> None:
    """The reason says which zone made the hour vanish."""
    ledger, rows = Ledger(), frame("2024-03-31 02:30:00", "2024-03-31 03:30:00")
    kept, t_ms = stamped(rows, rows["text"], clock=LocalTime("Europe/Berlin"), ledger=ledger)
    assert kept["line"].to_list() == [3]
    assert len(t_ms) == 1
    rejects = ledger.rejects()
    assert rejects is not None
    assert "'2024-03-31 02:30:00': this local time does not exist in Europe/Berlin" in str(rejects.table["reason"][0])


def test_the_ledger_keeps_the_order_of_the_file() -> None:
    """Whatever order the checks run in, the reject file reads like the data."""
    ledger = Ledger()
    assert ledger.rejects() is None
    for line in (3, 2):
        rows = pl.DataFrame({"line": [line], "text": ["?"]})
        reject_cells(rows, rows["text"], np.array([True]), column="", whole=line == 2, ledger=ledger)
    rejects = ledger.rejects()
    assert rejects is not None
    assert rejects.table.schema == REJECT_SCHEMA
    assert rejects.table["line"].to_pylist() == [2, 3]


@pytest.mark.parametrize(
    ("cell", "written"),
    [("1,830.5", True), ("830,5", True), ("1.830,5", True), ("1'830.5", True), ("off", False), ("41,", False)],
)
def test_a_number_in_another_style_is_told_how_to_be_read(cell: str, written: bool) -> None:
    """It is not guessed: 1,830 may be either."""
    ledger, rows = Ledger(), frame("?")
    reject_cells(rows, pl.Series([cell]), np.array([True]), column="", whole=False, ledger=ledger)
    rejects = ledger.rejects()
    assert rejects is not None
    assert ("`thousands:`" in str(rejects.table["reason"][0])) == written


@pytest.mark.parametrize("clock", [None, LocalTime("UTC")])
def test_without_rows_nothing_breaks(clock: LocalTime | None) -> None:
    """A block may hold nothing but blank lines."""
    rows = pl.DataFrame(schema={"line": pl.Int64, "text": pl.String})
    assert len(stamped(rows, rows["text"], clock=clock, ledger=Ledger())[1]) == 0
