"""Whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.demo.staging import staged
from bessline.errors import SourceError


def test_a_folder_appears_when_all_is_written(tmp_path: Path) -> None:
    """Until the end there is nothing at its name."""
    out = tmp_path / "deep" / "demo"
    with staged(out) as folder:
        (folder / "a.csv").write_text("ts,a\n")
        assert not out.exists()
    assert (out / "a.csv").read_text() == "ts,a\n"
    assert [path.name for path in out.parent.iterdir()] == ["demo"]


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    """Neither half a plant nor its scaffolding."""
    with pytest.raises(KeyboardInterrupt), staged(tmp_path / "demo"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    """A rerun does not mix old files with new ones."""
    (tmp_path / "demo.partial").mkdir()
    (tmp_path / "demo.partial" / "old.csv").write_text("half")
    with staged(tmp_path / "demo") as folder:
        (folder / "new.csv").write_text("whole")
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["new.csv"]


def test_an_empty_folder_is_filled_and_kept(tmp_path: Path) -> None:
    """It may be a mount or somebody's working directory."""
    out = tmp_path / "demo"
    out.mkdir()
    inode = out.stat().st_ino
    with staged(out) as folder:
        (folder / "a.csv").write_text("ts,a\n")
    assert out.stat().st_ino == inode
    assert (out / "a.csv").exists()


def test_a_full_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    """Nobody's files are overwritten."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SourceError, match="not an empty folder"), staged(tmp_path):
        raise AssertionError
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_file_of_that_name_is_refused(tmp_path: Path) -> None:
    """A plant is a folder."""
    (tmp_path / "demo").write_text("")
    with pytest.raises(SourceError, match="not an empty folder"), staged(tmp_path / "demo"):
        raise AssertionError


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    """The user reads why and where, not a traceback."""
    with pytest.raises(SourceError, match=r"demo: .*No space left"), staged(tmp_path / "demo"):
        raise OSError(28, "No space left on device")
