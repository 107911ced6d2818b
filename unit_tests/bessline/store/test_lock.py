"""One writer at a time, and refusals of the file system in words."""

import errno
from pathlib import Path

import pytest

from bessline.errors import StoreError, StoreFull, StoreLocked, StoreUnwritable
from bessline.store.lock import disk_errors, writing


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    """While one writes, another is told so; afterwards it may."""
    with writing(tmp_path / "s"), pytest.raises(StoreLocked, match="another ingest"), writing(tmp_path / "s"):
        pass
    with writing(tmp_path / "s"):
        pass


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (errno.ENOSPC, StoreFull, "no space left"),
        (errno.EROFS, StoreUnwritable, "cannot be written"),
        (errno.EACCES, StoreUnwritable, "--store"),
        (errno.EIO, StoreError, "Input/output error"),
    ],
)
def test_the_disk_s_refusals_say_what_to_do(tmp_path: Path, code: int, kind: type[StoreError], says: str) -> None:
    """No traceback: an error of the store with its own exit code."""
    with pytest.raises(kind, match=says), disk_errors(tmp_path):
        raise OSError(code, __import__("os").strerror(code))


def test_a_file_in_the_way_of_the_store_is_said(tmp_path: Path) -> None:
    """--store naming a file is an error, not a crash."""
    (tmp_path / "s").write_text("")
    with pytest.raises(StoreError, match="File exists"), writing(tmp_path / "s"):
        pass
