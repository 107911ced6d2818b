"""Which files of a folder are data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bessline.sources.discovery import discover, is_store, kinds_of
from unit_tests.bessline.sources.conftest import Write


def test_data_is_found_whatever_the_letter_case_and_the_rest_is_listed(write: Write, tmp_path: Path) -> None:
    """truth.json is not data; hidden files and descriptions are nobody's business."""
    for name in ("a/x.csv", "a/Y.CSV", "truth.json", ".hidden/z.csv", "a/.z.csv", "bessline.yaml", "notes.txt"):
        write(name, "")
    found = discover(tmp_path, (".csv",))
    assert [path.name for path in found.files] == ["Y.CSV", "x.csv"]
    assert [path.name for path in found.ignored] == ["notes.txt", "truth.json"]
    assert kinds_of(found.ignored) == "1 .json, 1 .txt"
    assert found.refused == []


def test_a_store_inside_a_source_is_not_read_back(write: Write, tmp_path: Path) -> None:
    """Else a second ingest would take in its own output."""
    write("store/manifest.json", "{}")
    write("store/b1/x.csv", "")
    assert is_store(tmp_path / "store")
    found = discover(tmp_path, (".csv",))
    assert found.files == []
    assert found.ignored == [tmp_path / "store"]


def test_a_folder_called_like_a_file_and_a_broken_link_are_refused(write: Write, tmp_path: Path) -> None:
    """Each with its path; the rest goes on."""
    write("b1/dir.csv/inner.txt", "")
    write("b1/good.csv", "")
    (tmp_path / "b1/gone.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b1/round.csv").symlink_to(tmp_path / "b1/round.csv")
    found = discover(tmp_path, (".csv",))
    assert [path.name for path in found.files] == ["good.csv"]
    assert {error.path.name for error in found.refused if error.path} == {"dir.csv", "gone.csv", "round.csv"}
    assert "is a folder" in str(found.refused[0])


def test_links_are_followed_but_never_in_circles(write: Write, tmp_path: Path) -> None:
    """A linked file is a file; a folder reached twice is read once."""
    data = write("b1/x.csv", "")
    (tmp_path / "b1/y.csv").symlink_to(data)
    (tmp_path / "b1/loop").symlink_to(tmp_path)
    assert [path.name for path in discover(tmp_path, (".csv",)).files] == ["x.csv", "y.csv"]


def test_a_folder_that_cannot_be_listed_is_refused(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its neighbours are read. (The refusal is forced: tests may run as root, whom nothing is denied.)"""
    write("closed/x.csv", "")
    write("open/x.csv", "")
    scandir = os.scandir

    def deny(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", deny)
    found = discover(tmp_path, (".csv",))
    assert [path.parent.name for path in found.files] == ["open"]
    assert "Permission denied" in str(found.refused[0])
