"""The spool: exports that were made lately, as files: to be had again, and in parts, at the cost of a file.

It is bounded: what was used longest ago goes first, and what is too large is not kept. It is never a part of a store,
for that may be read-only, and goes when the server goes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

_PREFIX = "bessline-spool-"
log = structlog.get_logger()


@dataclass(slots=True)
class _Kept:
    path: Path
    size: int
    used_at: float


@dataclass(frozen=True, slots=True)
class Held:
    """A whole export, opened: it can be read to its end even if it is swept meanwhile. Whoever has it closes `file`."""

    file: BinaryIO
    size: int

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on."""
        self.file.seek(start)
        return self.file.read(length)


class Spool:
    """Files by key. Threads share it.

    Parameters
    ----------
    parent: folder in which it makes one of its own when it is first needed; None is the system's for temporary files.
    max_bytes: of all files together, half-written ones included; 0 keeps nothing.
    max_age_s: what was not used for so long is removed.
    """

    def __init__(
        self,
        parent: Path | None,
        *,
        max_bytes: int,
        max_age_s: float = 3600.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parent = Path(tempfile.gettempdir()) if parent is None else parent
        self._max_bytes, self._max_age_s, self._now = max_bytes, max_age_s, now
        self._folder: Path | None = None
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._drafts: set[str] = set()
        self._bytes = 0
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """What all files hold."""
        return self._bytes

    def find(self, key: str) -> Held | None:
        """The whole export under `key`, if it is here."""
        with self._lock:
            self._sweep(0)
            kept = self._kept.get(key)
            if kept is None:
                return None
            try:
                held = Held(kept.path.open("rb"), kept.size)
            except OSError:
                self._drop(key)
                return None
            kept.used_at = self._now()
            self._kept.move_to_end(key)
            return held

    def begin(self, key: str) -> Draft | None:
        """A file to write the export under `key` to; None where it is here, or being written, or cannot be kept."""
        with self._lock:
            if key in self._kept or key in self._drafts or not self._max_bytes:
                return None
            try:
                path = self._own_folder() / str(next(self._numbers))
                draft = Draft(self, key, path)
            except OSError as error:
                log.warning("exports are not kept", folder=str(self._parent), reason=error.strerror)
                return None
            self._drafts.add(key)
            return draft

    def is_written(self, key: str) -> bool:
        """Whether a draft of `key` is on its way to be kept."""
        return key in self._drafts

    def close(self) -> None:
        """Remove all of it."""
        with self._lock:
            self._kept.clear()
            self._bytes = self._max_bytes = 0
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _own_folder(self) -> Path:
        if self._folder is None:
            _remove_orphans(self._parent)
            self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=self._parent))
        return self._folder

    def _take_room(self, size: int) -> bool:
        """Count `size` more bytes, if there is room or room can be made."""
        with self._lock:
            self._sweep(size)
            if self._bytes + size > self._max_bytes:
                return False
            self._bytes += size
            return True

    def _sweep(self, size: int) -> None:
        oldest = self._now() - self._max_age_s
        while self._kept:
            key, kept = next(iter(self._kept.items()))
            if kept.used_at >= oldest and self._bytes + size <= self._max_bytes:
                return
            self._drop(key)

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key)
        self._bytes -= kept.size
        with contextlib.suppress(OSError):
            kept.path.unlink()

    def _ended(self, draft: Draft, *, whole: bool) -> None:
        with self._lock:
            self._drafts.discard(draft.key)
            if whole and self._max_bytes:
                self._kept[draft.key] = _Kept(draft.path, draft.size, self._now())
                return
            self._bytes = max(0, self._bytes - draft.size)
        with contextlib.suppress(OSError):
            draft.path.unlink()


class Draft:
    """An export that is being written. It is to be had when it is finished, and never in part.

    A disk that is full, or a spool that is too small, ends the draft and not the export.
    """

    def __init__(self, spool: Spool, key: str, path: Path) -> None:
        self.key, self.path, self.size = key, path, 0
        self._spool, self._lock = spool, threading.Lock()
        self._file: BinaryIO | None = path.open("xb", buffering=0)

    def write(self, block: bytes) -> None:
        """Add `block`."""
        with self._lock:
            if self._file is None:
                return
            if not self._spool._take_room(len(block)):
                self._end(whole=False)
                return
            self.size += len(block)
            try:
                _write_all(self._file, block)
            except OSError as error:
                log.warning("an export is not kept", reason=error.strerror)
                self._end(whole=False)

    def finish(self) -> None:
        """It is whole."""
        with self._lock:
            self._end(whole=True)

    def abandon(self) -> None:
        """Leave nothing behind, unless it is finished."""
        with self._lock:
            self._end(whole=False)

    def _end(self, *, whole: bool) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
            self._spool._ended(self, whole=whole)


def _write_all(file: BinaryIO, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[file.write(rest) :]


def _remove_orphans(parent: Path) -> None:
    """Folders of servers that were killed."""
    for folder in parent.glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and int(pid) != os.getpid() and not _is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # there the question would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
