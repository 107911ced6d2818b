"""How cells are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.errors import DescriptionError
from bessline.sources import open_source
from bessline.sources.cells import PLAIN, Cells
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import only_rows, rejects


def described(write: Write, cells: str, *lines: str) -> Path:
    write("plant/bessline.yaml", f"kind: signal_folder\ntimezone: UTC\n{cells}\n")
    write("plant/b1/bms1_v.csv", "\n".join(lines) + "\n")
    return write("plant/x", "").parent


def test_a_spreadsheet_of_the_continent(write: Write) -> None:
    """A byte order mark, semicolons, decimal commas and points between thousands."""
    path = described(
        write,
        "delimiter: ';'\ndecimal: ','\nthousands: '.'",
        "\ufeffts;bms1_v",
        "2024-05-01 00:00:00;832,5",
        '2024-05-01 00:00:01;"1.234,5"',
        "2024-05-01 00:00:02;-1.234.567",
    )
    assert [value for _, value in only_rows(open_source(path))] == [832.5, 1234.5, -1234567.0]


def test_quoted_thousands(write: Write) -> None:
    """As English spreadsheets write them, where the description says so; groups of other than three are no number."""
    lines = ("ts,bms1_v", '2024-05-01 00:00:00,"1,234.5"', '2024-05-01 00:00:01,"1,23"', "2024-05-01 00:00:02,7")
    source = open_source(described(write, "thousands: ','", *lines))
    assert [value for _, value in only_rows(source)] == [1234.5, 7.0]
    assert [line for line, _, _ in rejects(source.jobs[0])] == [3]


def test_without_a_word_thousands_are_not_guessed(write: Write) -> None:
    """1,234 may be one and a bit, elsewhere."""
    source = open_source(described(write, "", "ts,bms1_v", '2024-05-01 00:00:00,"1,234"'))
    assert [line for line, _, _ in rejects(source.jobs[0])] == [2]


def test_marks_that_cannot_be_told_apart_are_a_mistake(write: Write) -> None:
    with pytest.raises(DescriptionError, match="thousands and decimal are both"):
        open_source(described(write, "thousands: '.'", "ts,bms1_v"))


def test_how_a_file_is_read_changes_with_its_cells() -> None:
    """But not for those who say nothing of thousands."""
    assert str(PLAIN) == "cells ',' '.'"
    assert str(Cells(thousands=",")) != str(PLAIN)
