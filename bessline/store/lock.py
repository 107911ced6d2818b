"""One writer a store: an advisory lock that the system takes back when its holder dies."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bessline.errors import StoreError, StoreFull, StoreLocked, StoreUnwritable


@contextmanager
def writing(store: Path) -> Iterator[None]:
    """Make the folder `store` if need be and hold its lock; disk errors inside become errors of the store.

    Raises
    ------
    StoreLocked
        another process writes to it.
    StoreUnwritable, StoreFull
        the file system refuses.
    """
    with disk_errors(store):
        store.mkdir(parents=True, exist_ok=True)
        handle = hold(store / ".lock")
        if handle is None:
            raise StoreLocked("another ingest is writing to it; wait for it to end", path=store)
        try:
            yield
        finally:
            os.close(handle)


def hold(path: Path) -> int | None:
    """Lock the file `path`, made if need be, until the returned handle is closed; None where another process has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


@contextmanager
def disk_errors(store: Path) -> Iterator[None]:
    """Turn the file system's refusals into errors of the store that say what to do."""
    try:
        yield
    except OSError as error:
        raise _store_error(error, store) from error


def _store_error(error: OSError, store: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull("no space left; free some and run the same command again: it goes on from here", path=store)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreUnwritable(f"cannot be written ({error.strerror}); name another with --store", path=store)
    return StoreError(f"{error.strerror or error} ({error.filename})", path=store)
