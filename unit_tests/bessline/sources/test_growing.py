"""Growing files: every whole line once, however the bytes come, and a new file from its beginning."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.errors import SourceError
from bessline.sources import Rejects, Rows, open_source
from bessline.sources.csv_blocks import LINE_BYTES
from bessline.sources.growing import GrowingFile, Place
from bessline.sources.signal_file import SignalFileJob

MOST = 1 << 20
HEAD = "ts,bms1_soc\n"


def job_of(path: Path, zone: str = "UTC") -> SignalFileJob:
    """The job of a file that has its header and a row."""
    source = open_source(path.parent.parent, timezone=zone)
    return next(job for job in source.jobs if isinstance(job, SignalFileJob))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of one row."""
    file = tmp_path / "BESS" / "b1" / "bms1_soc.csv"
    file.parent.mkdir(parents=True)
    file.write_text(HEAD + "2024-05-01 00:00:00,0\n")
    return file


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def values(file: GrowingFile, most: int = MOST) -> list[float]:
    return [value for part in file.read(most) if isinstance(part, Rows) for value in part.value.tolist()]


def test_only_whole_lines_are_read_and_each_once(path: Path) -> None:
    """The half of a line waits for its other half."""
    file = GrowingFile(job_of(path))
    assert values(file) == [0]
    append(path, "2024-05-01 00:00:30,1\n2024-05-01 00:01:00,4")
    assert values(file) == [1]
    assert values(file) == []
    append(path, "2\n")
    assert values(file) == [42]


@given(st.lists(st.integers(1, 60), max_size=30), st.integers(30, 200))
def test_however_the_bytes_come_the_rows_are_those_of_the_file(cuts: list[int], most: int) -> None:
    """Written in pieces of any length, read in blocks of any length, with restarts between."""
    text = "".join(f"2024-05-01 00:{n // 60:02}:{n % 60:02},{n}\n" for n in range(1, 20))
    for folder in _folders():
        path = folder / "BESS" / "b1" / "bms1_soc.csv"
        path.parent.mkdir(parents=True)
        path.write_text(HEAD + "2024-05-01 00:00:00,0\n")
        file, found = GrowingFile(job_of(path)), list[float]()
        for cut in [*cuts, len(text)]:
            append(path, text[:cut])
            text = text[cut:]
            found += values(file, most)
            file = GrowingFile(file.job, file.place)
        while more := values(file, most):
            found += more
        assert found == list(range(20))


def _folders() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("how", ["truncated", "rotated", "rewritten"])
def test_another_file_is_read_from_its_beginning(path: Path, how: str) -> None:
    """Shorter, another one under its name, or as long with other bytes."""
    append(path, "2024-05-01 00:00:30,1\n")
    file = GrowingFile(job_of(path))
    assert values(file) == [0, 1]
    if how == "rotated":
        path.rename(path.with_suffix(".old"))
    rows = {"truncated": [7], "rotated": [7, 8, 9], "rewritten": [7, 8]}[how]
    path.write_text(HEAD + "".join(f"2024-06-01 00:00:{n:02},{n}\n" for n in rows))
    assert values(file) == rows
    assert file.begun_anew == 1


def test_the_pass_of_a_repeated_hour_is_known_after_a_restart(path: Path) -> None:
    """Lines before the place are read again for it, and not sent again."""
    path.write_text(HEAD + "2024-10-27 02:59:30,1\n2024-10-27 02:00:00,2\n")
    job = job_of(path, zone="Europe/Berlin")
    first = GrowingFile(job)
    assert values(first) == [1, 2]
    append(path, "2024-10-27 02:00:30,3\n")
    again = [part for part in GrowingFile(job, first.place).read(MOST) if isinstance(part, Rows)]
    assert [(part.t_ms.tolist(), part.value.tolist()) for part in again] == [([1_729_990_830_000], [3.0])]


def test_a_place_amid_a_line_means_that_line(path: Path) -> None:
    """An ingest may have read half a line: the whole one is sent, and counts later."""
    append(path, "2024-05-01 00:00:30,41\n")
    size = path.stat().st_size
    assert values(GrowingFile(job_of(path), Place(size - 2))) == [41]
    assert values(GrowingFile(job_of(path), Place(size))) == []


def test_bad_rows_are_told_with_their_lines(path: Path) -> None:
    """As an ingest tells them."""
    file = GrowingFile(job_of(path))
    values(file)
    append(path, "2024-05-01 00:00:30,x\n2024-05-01 00:01:00,2\n")
    parts = list(file.read(MOST))
    rejects = [part.table.to_pylist()[0] for part in parts if isinstance(part, Rejects)]
    assert [(row["line"], row["text"]) for row in rejects] == [(3, "2024-05-01 00:00:30,x")]


def test_a_file_without_rows_waits_and_one_that_is_gone_is_told(path: Path) -> None:
    """Neither ends the following."""
    job = job_of(path)
    path.write_text(HEAD)
    file = GrowingFile(job)
    assert values(file) == []
    append(path, "2024-05-01 00:00:30,1\n")
    assert values(file) == [1]
    path.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        values(file)


def test_a_line_that_is_too_long_is_rejected_once_it_ends(path: Path) -> None:
    """It does not fill the memory, and what follows it is read."""
    file = GrowingFile(job_of(path))
    values(file)
    append(path, "x" * (LINE_BYTES + 200))
    for _ in range(2):
        with pytest.raises(SourceError, match="has not ended"):
            values(file, 100)
    append(path, "x" * LINE_BYTES + "y\n2024-05-01 00:00:30,1\n")
    (rejected,) = [part.table.to_pylist() for part in file.read(100) if isinstance(part, Rejects)]
    assert [(row["line"], row["text"][:3]) for row in rejected] == [(3, "xxx")]
    assert values(file) == [1]


@pytest.mark.parametrize("between", ["", "2024-05-01 00:00:15,1\n"])
def test_a_line_that_was_cut_off_is_not_taken_for_the_next_long_one(path: Path, between: str) -> None:
    """That one is shorter, and what follows it is read."""
    file, before = GrowingFile(job_of(path)), path.read_text()
    values(file)
    append(path, "x" * (5 * LINE_BYTES))
    with pytest.raises(SourceError, match="has not ended"):
        values(file)
    path.write_text(before + between)
    assert values(file) == [1] * bool(between)
    append(path, "y" * (3 * LINE_BYTES) + "\n2024-05-01 00:00:30,2\n")
    assert len([part for part in file.read(MOST) if isinstance(part, Rejects)]) == 1
    assert values(file) == [2]


def test_what_was_looked_through_of_a_line_says_nothing_of_a_later_one(path: Path) -> None:
    """It was cut off, rows came, and then lines as long as it was."""
    file = GrowingFile(job_of(path))
    values(file)
    size = path.stat().st_size
    append(path, "x" * 4 * LINE_BYTES)
    with pytest.raises(SourceError, match="has not ended"):
        values(file, 100)
    with path.open("r+b") as handle:
        handle.truncate(size)
    append(path, "2024-05-01 00:00:30,1\n")
    assert values(file, 100) == [1]
    append(path, "y" * 2 * LINE_BYTES + "\n2024-05-01 00:01:00,2\n" + "z" * 3 * LINE_BYTES + "\n")
    parts = [part for _ in range(3) for part in file.read(100)]
    assert [part.table.to_pylist()[0]["text"][0] for part in parts if isinstance(part, Rejects)] == ["y", "z"]
    assert [value for part in parts if isinstance(part, Rows) for value in part.value.tolist()] == [2]
