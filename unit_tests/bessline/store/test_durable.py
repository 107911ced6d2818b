"""Durability: whatever the manifest names was forced to disk before it, and a failure to do so stops the swap."""

import os
from pathlib import Path

import pytest

from bessline.errors import StoreFull
from bessline.store import Store, ingest
from bessline.store.durable import Forcing, write_atomically
from unit_tests.plants import signal_job, source_of


def test_everything_is_forced_before_the_manifest_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the new manifest, and every folder of theirs, before the manifest itself."""
    forced: list[tuple[int, int]] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        status = os.fstat(handle)
        forced.append((status.st_dev, status.st_ino))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    jobs = [signal_job(tmp_path / "raw", f"b1/bms.{name}", [0, 30, 30], [1, 2, 3]) for name in ("soc", "voltage")]
    ingest([source_of(tmp_path / "raw", *jobs)], tmp_path / "s", workers=0)
    manifest = tmp_path / "s" / "manifest.json"
    before = forced[: len(forced) - 1 - forced[::-1].index(_identity(manifest))]
    named = [tmp_path / "s" / name for name in Store.open(tmp_path / "s").manifest.referenced()]
    assert len(named) == 2 * 2 + 2 + 2  # rows and pyramids, the timelines of bms and bess, the rejects
    for path in (*named, *(path.parent for path in named), tmp_path / "s" / "devices"):
        assert _identity(path) in before, path


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def test_a_file_that_cannot_be_forced_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store stays as it was, and the next run ends well."""
    source = source_of(tmp_path / "raw", signal_job(tmp_path / "raw", "b1/bms.soc", [0, 30], [1, 2]))
    ingest([], tmp_path / "s", workers=0)

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreFull):
        ingest([source], tmp_path / "s", workers=0)
    monkeypatch.undo()
    assert Store.open(tmp_path / "s").devices == {}
    ingest([source], tmp_path / "s", workers=0)
    assert Store.open(tmp_path / "s").signal("b1", "bms.soc").between(0, 2**60)[1].tolist() == [1.0, 2.0]


def test_finish_waits_for_all_and_tells_of_failures(tmp_path: Path) -> None:
    """A missing file is no success."""
    with Forcing() as forcing:
        forcing.begin([tmp_path, tmp_path / "missing"])
        with pytest.raises(FileNotFoundError):
            forcing.finish()
        forcing.finish()


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses, what was there stays there."""
    write_atomically(tmp_path / "x", b"old")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"
