"""The spool: whole or not there, bounded, swept, and gone when the server is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.spool import Draft, Spool


def draft(spool: Spool, key: str) -> Draft:
    found = spool.begin(key)
    assert found is not None
    return found


def put(spool: Spool, key: str, data: bytes) -> None:
    written = draft(spool, key)
    written.write(data)
    written.finish()


def read(spool: Spool, key: str) -> bytes | None:
    held = spool.find(key)
    if held is None:
        return None
    with held.file:
        return held.read(0, held.size)


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_what_is_not_whole_is_not_there(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=100)
    first = draft(spool, "a")
    first.write(b"one")
    assert read(spool, "a") is None
    assert spool.begin("a") is None
    first.write(b"two")
    first.finish()
    assert read(spool, "a") == b"onetwo"
    assert spool.begin("a") is None


def test_an_abandoned_draft_leaves_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=100)
    left = draft(spool, "a")
    left.write(b"half")
    left.abandon()
    left.write(b"late")
    left.finish()
    assert (read(spool, "a"), spool.bytes, files(tmp_path)) == (None, 0, 0)
    put(spool, "a", b"whole")
    assert read(spool, "a") == b"whole"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60)), max_size=20))
def test_it_never_holds_more_than_it_may(
    tmp_path_factory: pytest.TempPathFactory, wishes: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder, max_bytes=100)
    for key, size in wishes:
        if (written := spool.begin(key)) is not None:
            written.write(b"x" * size)
            written.write(b"x" * size)
            written.finish()
        held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert held == spool.bytes <= 100
    spool.close()
    assert list(folder.iterdir()) == []


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=30)
    put(spool, "a", b"a" * 10)
    put(spool, "b", b"b" * 10)
    assert read(spool, "a") is not None
    put(spool, "c", b"c" * 15)
    assert [key for key in "abc" if read(spool, key)] == ["a", "c"]


def test_what_nobody_used_for_long_is_swept(tmp_path: Path) -> None:
    now = [0.0]
    spool = Spool(tmp_path, max_bytes=100, max_age_s=60, now=lambda: now[0])
    put(spool, "a", b"a")
    now[0] = 59
    assert read(spool, "a") == b"a"
    now[0] = 120
    assert (read(spool, "a"), files(tmp_path)) == (None, 0)


def test_what_is_open_is_read_to_its_end(tmp_path: Path) -> None:
    """Sweeping does not cut off a download."""
    spool = Spool(tmp_path, max_bytes=10)
    put(spool, "a", b"0123456789")
    held = spool.find("a")
    assert held is not None
    put(spool, "b", b"9876543210")
    assert read(spool, "a") is None
    with held.file:
        assert (held.read(0, 3), held.read(8, 99)) == (b"012", b"89")


def test_too_large_is_not_kept_and_no_error(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=10)
    put(spool, "a", b"a" * 11)
    assert (read(spool, "a"), spool.bytes, files(tmp_path)) == (None, 0, 0)
    assert Spool(tmp_path, max_bytes=0).begin("a") is None


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    assert Spool(tmp_path / "missing", max_bytes=10).begin("a") is None


def test_a_full_disk_ends_the_draft_alone(tmp_path: Path) -> None:
    """`/dev/full` has never room."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    spool = Spool(tmp_path, max_bytes=100)
    written = draft(spool, "a")
    assert written._file is not None
    written._file.close()
    written._file = full.open("wb", buffering=0)
    written.write(b"a")
    written.finish()
    assert (read(spool, "a"), spool.bytes) == (None, 0)


def test_a_file_that_somebody_removed_is_not_there(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=100)
    put(spool, "a", b"a")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.unlink()
    assert (read(spool, "a"), spool.bytes) == (None, 0)


def test_folders_of_killed_servers_are_removed(tmp_path: Path) -> None:
    """Those of living ones are not."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    (tmp_path / f"bessline-spool-{ended.pid}-x").mkdir()
    (tmp_path / f"bessline-spool-{os.getppid()}-x").mkdir()
    put(Spool(tmp_path, max_bytes=10), "a", b"a")
    pids = {folder.name.split("-")[2] for folder in tmp_path.iterdir()}
    assert pids == {str(os.getpid()), str(os.getppid())}


def test_nothing_is_kept_after_the_end(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=10)
    late = draft(spool, "a")
    late.write(b"a")
    spool.close()
    late.write(b"b")
    late.finish()
    assert list(tmp_path.iterdir()) == []
    assert spool.begin("b") is None
