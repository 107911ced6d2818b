"""Row groups that were decoded, kept for who wants them next."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy.typing as npt

from bessline.store.arena import Arena

#: Rows in a group of a file of rows.
ROW_GROUP = 32_768
#: Seconds, decimals, and which of them are missing.
ROW_BYTES = 9
#: The decoded columns of one row group.
Group = tuple[npt.NDArray[Any], ...]


class RowGroupCache:
    """Decoded row groups, the least recently used thrown out beyond `max_bytes`."""

    def __init__(self, max_bytes: int = 128 << 20) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._groups: OrderedDict[tuple[Path, int], Group] = OrderedDict()
        self._lock = threading.Lock()
        self._arena: Arena | None = None

    def reserve(self, nbytes: int) -> None:
        """Have memory at hand for groups of so many bytes in all, as far as the cache may hold them."""
        slot_bytes = ROW_BYTES * ROW_GROUP
        self._arena = Arena(slot_bytes, min(nbytes, self._max_bytes) // slot_bytes)

    def get(self, key: tuple[Path, int], decode: Callable[[], Group]) -> Group:
        """The group under `key`, decoded now if it is not held. Decoding runs outside the lock."""
        with self._lock:
            if key in self._groups:
                self._groups.move_to_end(key)
                return self._groups[key]
        group = decode() if self._arena is None else self._arena.kept(decode())
        with self._lock:
            if key not in self._groups:
                self._groups[key] = group
                self._bytes += _size(group)
            while self._bytes > self._max_bytes and len(self._groups) > 1:
                self._bytes -= _size(self._groups.popitem(last=False)[1])
        return group


class NewestGroups(RowGroupCache):
    """The newest decoded row group of each file, which is what a walk through many files side by side comes back to."""

    def __init__(self) -> None:
        super().__init__()
        self._newest: dict[Path, tuple[int, Group]] = {}

    def get(self, key: tuple[Path, int], decode: Callable[[], Group]) -> Group:
        """The group under `key`, decoded now if it is not held."""
        path, index = key
        held, group = self._newest.get(path, (-1, ()))
        if held != index:
            group = decode()
            self._newest[path] = index, group
        return group


def _size(group: Group) -> int:
    return sum(column.nbytes for column in group)
