"""What must outlive a power cut: files that are swapped in whole, and what a manifest names, forced side by side."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

#: A disk takes many at once; each alone would wait for the one before.
_AT_ONCE = 16


def force(path: Path) -> None:
    """Return when the bytes of a file, or the names in a folder, would outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a temporary file beside `path`, force it to disk, and rename it over `path`; the folder is forced, too."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    force(path.parent)


class Forcing:
    """Forces files to disk in threads of its own, while others go on. Leaving it waits for none.

    >>> with Forcing() as forcing:
    ...     forcing.begin([Path(os.devnull).parent])
    ...     forcing.finish()
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="forcing")
        self._begun: list[Future[None]] = []

    def __enter__(self) -> Forcing:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._threads.shutdown(cancel_futures=True)

    def begin(self, paths: Iterable[Path]) -> None:
        """Begin with these; each keeps its name until `finish`."""
        self._begun += [self._threads.submit(force, path) for path in paths]

    def finish(self) -> None:
        """Wait for all that was begun.

        Raises
        ------
        OSError
            a file could not be forced: nothing may name it.
        """
        begun, self._begun = self._begun, []
        for future in begun:
            future.result()
