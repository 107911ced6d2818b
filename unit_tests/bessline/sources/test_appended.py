"""Files that grow: what was read is known again by its edges."""

from pathlib import Path

import pytest

from bessline.sources.appended import End, lines_before


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "f.csv"
    path.write_bytes(b"ts,v\n" + b"2024-05-01 00:00:00,1\n" * 9000)
    return path


def test_a_file_that_grew_goes_on_behind_its_end(path: Path) -> None:
    """However much follows, also half a line."""
    end = End.of(path, path.stat().st_size)
    assert end is not None
    with path.open("ab") as file:
        file.write(b"2024-05-")
    assert end.is_in(path)


@pytest.mark.parametrize("at", [0, 3, -1, -30])
def test_another_file_of_the_same_name_does_not(path: Path, at: int) -> None:
    """Written anew or rotated: its first or its last bytes are others."""
    end, data = End.of(path, path.stat().st_size), bytearray(path.read_bytes())
    assert end is not None
    data[at] ^= 1
    path.write_bytes(data + b"more\n")
    assert not end.is_in(path)
    path.write_bytes(b"ts,v\n")
    assert not end.is_in(path)


def test_an_end_amid_a_line_is_none(path: Path, tmp_path: Path) -> None:
    """What stands there may be half of what will stand there."""
    assert End.of(path, path.stat().st_size - 1) is None
    assert End.of(tmp_path / "none", 5) is None


def test_lines_are_counted_up_to_the_end(path: Path) -> None:
    """For the numbers of the lines behind it."""
    assert [lines_before(path, offset) for offset in (0, 4, 5, 27, 28)] == [0, 0, 1, 2, 2]
