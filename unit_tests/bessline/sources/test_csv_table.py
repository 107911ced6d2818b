"""A whole CSV file, whatever its blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bessline.sources import csv_table
from bessline.sources.base import Note, Rejects
from bessline.sources.batch import Batch
from bessline.sources.csv_head import read_head
from bessline.sources.csv_table import Zone, layout_of, read_csv
from bessline.sources.decimals import value_of
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import stamp


def read(path: Path, zone: str | None) -> tuple[list[tuple[str, float]], list[int], list[Note]]:
    head = read_head(path)
    taken: list[tuple[str, float]] = []
    lines: list[int] = []
    notes = []
    for part in read_csv(head, layout_of(head, stamp=0, values=(1,)), Zone(zone)):
        if isinstance(part, Batch):
            good = slice(None) if part.bad[0] is None else ~part.bad[0]
            pairs = zip(part.t_ms[good].tolist(), value_of(part.values[0])[good].tolist(), strict=True)
            taken += [(stamp(t), v) for t, v in pairs]
        elif isinstance(part, Rejects):
            lines += part.table["line"].to_pylist()
        else:
            notes.append(part)
    return taken, lines, notes


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "BLOCK_BYTES", 400)
    monkeypatch.setattr(csv_table, "_PIECE_BYTES", 60)
    monkeypatch.setattr(csv_table, "_PIECES", 3)


@pytest.mark.usefixtures("small_blocks")
def test_bad_rows_among_good_ones_cost_only_themselves(write: Write) -> None:
    """Across blocks and pieces, line numbers are exact and the order is that of the file."""
    lines = [f"2024-05-01 00:{n // 60:02}:{n % 60:02},{n}" for n in range(600)]
    bad = [0, 7, 8, 100, 399, 599]
    for n in bad:
        lines[n] = f"2024-05-01 00:00:00,broken {n}"
    taken, rejected, _ = read(write("f.csv", "ts,v\n" + "\n".join(lines)), "UTC")
    assert rejected == [n + 2 for n in bad]
    assert [value for _, value in taken] == [n for n in range(600) if n not in bad]


@pytest.mark.usefixtures("small_blocks")
def test_the_repeated_hour_is_followed_through_clean_and_unclean_blocks(write: Write) -> None:
    """The clock is carried on, and a block that is read again does not count twice."""
    t_ms = np.arange(1_729_980_000_000, 1_729_998_000_000, 60_000)
    local = [str(np.datetime64(t + (7_200_000 if t < 1_729_990_800_000 else 3_600_000), "ms")) for t in t_ms.tolist()]
    rows = [f"{text},{n}" for n, text in enumerate(local)]
    for at in range(20, 300, 9):
        rows[at] = f"{local[at]},?"
    taken, rejected, notes = read(write("f.csv", "ts,v\n" + "\n".join(rows) + "\n"), "Europe/Berlin")
    assert taken == [(stamp(t_ms[n]), float(n)) for n in range(300) if n + 2 not in rejected]
    assert len(rejected) == len(range(20, 300, 9))
    assert [note.rows for note in notes] == [120]
    assert "60 rows are the first pass, 60 the second" in notes[0].text


def test_a_missing_hour_and_its_neighbours(write: Write) -> None:
    """The rows of the hour that was not are named, the others converted."""
    path = write("f.csv", "ts,v\n2024-03-31 01:59:00,1\n2024-03-31 02:01:00,2\n2024-03-31 03:01:00,3\n")
    taken, rejected, _ = read(path, "Europe/Berlin")
    assert taken == [("2024-03-31T00:59:00", 1.0), ("2024-03-31T01:01:00", 3.0)]
    assert rejected == [3]


def test_duplicates_and_backward_stamps_pass_in_file_order(write: Write) -> None:
    """The store sorts and counts them; a source tells what the file says."""
    path = write("f.csv", "ts,v\n2024-05-01 00:00:02,1\n2024-05-01 00:00:01,2\n2024-05-01 00:00:01,3")
    taken, rejected, _ = read(path, "UTC")
    assert [(text[-2:], value) for text, value in taken] == [("02", 1.0), ("01", 2.0), ("01", 3.0)]
    assert rejected == []


def test_mixed_offsets_need_no_zone(write: Write) -> None:
    """Each stamp says its own; a naive one among them is named."""
    rows = [
        "2024-05-01 02:00:00+02:00,1",
        "2024-05-01 00:00:00Z,2",
        "2024-05-01 00:00:00,3",
        "2024-04-30 19:00-05:00,4",
    ]
    taken, rejected, _ = read(write("f.csv", "ts,v\n" + "\n".join(rows)), None)
    assert taken == [("2024-05-01T00:00:00", value) for value in (1.0, 2.0, 4.0)]
    assert rejected == [4]


def test_a_truncated_last_row_is_rejected_and_an_unended_one_is_a_row(write: Write) -> None:
    """A logger that died while writing."""
    assert read(write("f.csv", "ts,v\n2024-05-01 00:00:00,1\n2024-05-01 00:0"), "UTC")[1] == [3]
    assert len(read(write("g.csv", "ts,v\n2024-05-01 00:00:00,1\n2024-05-01 00:01:00,2"), "UTC")[0]) == 2


def test_a_file_with_a_header_only_has_no_rows(write: Write) -> None:
    """Not an error: the signal has not begun."""
    assert read(write("f.csv", "ts,v"), "UTC") == ([], [], [])
    assert read(write("g.csv", "ts,v\n\n"), "UTC") == ([], [], [])


def test_the_zone_says_itself_in_a_line() -> None:
    """It is part of what tells whether a file must be read again."""
    assert str(Zone("UTC")) == "zone UTC, repeated hour infer"
    assert str(Zone()) == "zone of each stamp, repeated hour infer"
    assert Zone().clock() is None
