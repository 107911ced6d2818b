"""The manifest: swapped in whole, checked when read, and the one list of what the store needs."""

from pathlib import Path

import pytest

from bessline.errors import StoreDamaged, StoreMissing
from bessline.store.manifest import MANIFEST, Manifest, SignalEntry, read_manifest, write_atomically, write_manifest


def _entry(**changed: object) -> SignalEntry:
    known: dict[str, object] = {"file": "a", "bytes": 1, "rows": 2, "markers": 0, "start_ms": 0, "end_ms": 1}
    known |= {"period_s": 30.4, "gaps": 0, "gap_s": 0, "low": 0, "high": 1, "out_of_range": 0}
    return SignalEntry.model_validate(known | changed)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """The manifest round-trips, and no temporary file stays."""
    manifest = Manifest.new()
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    """A flipped bit anywhere is damage, never another manifest."""
    write_manifest(tmp_path, Manifest.new())
    path = tmp_path / MANIFEST
    good, manifest = path.read_bytes(), read_manifest(tmp_path)
    for offset in range(len(good)):
        path.write_bytes(good[:offset] + bytes([good[offset] ^ 1]) + good[offset + 1 :])
        try:
            assert read_manifest(tmp_path) == manifest
        except StoreDamaged:
            continue


def test_a_folder_without_manifest_is_no_store(tmp_path: Path) -> None:
    """An empty folder and a missing one say the same."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreMissing, match="is not a store"):
            read_manifest(path)


def test_a_store_of_another_version_says_so(tmp_path: Path) -> None:
    """A newer format is named, not guessed at."""
    write_manifest(tmp_path, Manifest.new().model_copy(update={"format": 99}))
    with pytest.raises(StoreDamaged, match="format 99"):
        read_manifest(tmp_path)


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses, what was there stays there."""
    write_atomically(tmp_path / "x", b"old")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"


def test_a_value_holds_for_three_periods() -> None:
    """Three of its own periods, the topic's where it has none, or what a change-driven source says."""
    assert _entry().tolerance_ms(60) == 91_200
    assert _entry(period_s=None).tolerance_ms(60) == 180_000
    assert _entry(hold_s=21_600).tolerance_ms(60) == 21_600_000
