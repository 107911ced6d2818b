"""A full disk, as it is: 4 MB of memory for a store. Needs the right to mount."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bessline import cli
from bessline.errors import StoreFull
from bessline.managers import Managers
from bessline.sources import open_source
from bessline.store import Store, durable, ingest
from bessline.store.verify import verify

FULL = StoreFull.exit_code


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system of its own")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", small], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield small
    subprocess.run(["umount", "-l", small], check=True)


def fill(disk: Path, *, leave: int) -> Path:
    """Take all space but `leave` bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass
    os.truncate(filler, filler.stat().st_size - leave)
    return filler


def ingest_command(plant: Path, store: Path) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda **_: None, ["ingest", str(plant), "--store", str(store), "--workers", "0"])
    return int(ended.value.code or 0)


def rows(store: Path) -> int:
    managers = Managers(Store.open(store))
    return sum(managers["bess"].timeline(device).rows for device in managers["bess"].devices())


@pytest.mark.parametrize("leave", [0, 300_000])
def test_an_ingest_ends_clearly_and_goes_on(
    tiny_plant: Path, tiny_store: Path, disk: Path, leave: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """14 and a sentence, wherever the space ends; what is there is whole; with space the same command finishes."""
    filler = fill(disk, leave=leave)
    assert ingest_command(tiny_plant, disk / "store") == FULL
    said = capsys.readouterr().err
    assert "no space left; free some and run the same command again" in said
    assert str(disk / "store") in said
    if (disk / "store" / "manifest.json").exists():
        assert verify(disk / "store").damages == []
    filler.unlink()
    assert ingest_command(tiny_plant, disk / "store") == 0
    assert verify(disk / "store").damages == []
    assert rows(disk / "store") == rows(tiny_store)


def test_a_disk_that_refuses_at_the_last_moment(
    tiny_plant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The force to disk before the swap is refused: the store stays as it was, and the next ingest finishes."""

    def refuse(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(durable, "force", refuse)
        with pytest.raises(StoreFull, match="store"):
            ingest([open_source(tiny_plant)], tmp_path / "store", workers=0)
    assert Store.open(tmp_path / "store").devices == {}
    ingest([open_source(tiny_plant)], tmp_path / "store", workers=0)
    assert verify(tmp_path / "store").damages == []
