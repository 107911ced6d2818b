"""Memory that is touched ahead, for what a cache keeps: nobody who reads then waits for the system to give some."""

from __future__ import annotations

import mmap
import weakref
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]


class Arena:
    """So many slots of `slot_bytes`, each for some columns; free again as soon as nothing looks at any of them.

    Safe to share between threads.
    """

    def __init__(self, slot_bytes: int, slots: int) -> None:
        memory = np.empty(slot_bytes * slots, np.uint8)
        memory[:: mmap.PAGESIZE] = 0
        self._memory, self._slot_bytes, self.slots = memoryview(memory.data), slot_bytes, slots
        self._free = list(range(slots))

    def kept(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """Read-only copies of `columns` in one slot; they themselves where none is free, or they do not half fill one.

        >>> arena, columns = Arena(32, 1), (np.array([1, 2]), np.array([0.5]))
        >>> kept = arena.kept(columns)
        >>> kept[1].tolist(), kept is columns, arena.kept(columns) is columns
        ([0.5], False, True)
        """
        nbytes = sum(column.nbytes for column in columns)
        if not self._slot_bytes // 2 <= nbytes <= self._slot_bytes:
            return columns
        try:
            slot = self._free.pop()
        except IndexError:
            return columns
        begin = slot * self._slot_bytes
        # over a memoryview: what is cut out of such an array holds on to it, and not only to the memory
        whole = np.frombuffer(self._memory[begin : begin + nbytes], np.uint8)
        weakref.finalize(whole, self._free.append, slot).atexit = False
        ends = np.cumsum([column.nbytes for column in columns]).tolist()
        copies = [
            whole[end - column.nbytes : end].view(column.dtype) for column, end in zip(columns, ends, strict=True)
        ]
        for copy, column in zip(copies, columns, strict=True):
            copy[:] = column
            copy.flags.writeable = False
        return tuple(copies)
