"""Lost rows stand in files whose name says what they hold."""

from pathlib import Path

import pytest

from bessline.errors import StoreDamaged
from bessline.store.rejects import check, named


def test_a_changed_character_is_found(tmp_path: Path) -> None:
    """It would count a lost row on another day."""
    path = tmp_path / "lost.csv"
    path.write_text("file,line,reason,text\na.csv,2,no number,2024-05-01\n")
    where = named(path)
    assert not path.exists()
    assert check(where)
    where.write_text(where.read_text().replace("05-01", "05-02"))
    with pytest.raises(StoreDamaged, match="checksum"):
        check(where)


def test_a_file_of_an_earlier_version_says_nothing(tmp_path: Path) -> None:
    """Neither whole nor damaged."""
    path = tmp_path / "b1-soc-28ddcda0b8c5-1a.csv"
    path.write_text("file,line,reason,text\n")
    assert not check(path)


def test_one_that_cannot_be_read_is_damaged(tmp_path: Path) -> None:
    """As when the disk gives its bytes no more: `verify` goes on with the others."""
    (tmp_path / "a-1.0123456789abcdef.csv").mkdir()
    with pytest.raises(StoreDamaged):
        check(tmp_path / "a-1.0123456789abcdef.csv")


def test_a_missing_one_is_missing(tmp_path: Path) -> None:
    """Under either name."""
    for name in ("a-1.csv", "a-1.0123456789abcdef.csv"):
        with pytest.raises(FileNotFoundError):
            check(tmp_path / name) or (tmp_path / name).open()
