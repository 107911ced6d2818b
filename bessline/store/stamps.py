"""How stamps stand in the store's files: in whole seconds, which is what instruments give, or in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bessline.sources.base import Int64
from bessline.sources.seconds import LAST_S, SECOND_MS, Seconds, Stamps, t_ms_of
from bessline.store.coding import array_of, numbers_of, one_array


@dataclass(frozen=True, slots=True)
class StampCoding:
    """A column of stamps: `name`, its Arrow `type`, and how many milliseconds each of its ticks has.

    >>> SECONDS.encode(np.array([2000, 4000])).to_pylist()
    [2, 4]
    >>> SECONDS.encode(np.array([2000, 2500]))
    """

    name: str
    type: Any
    tick_ms: int

    @classmethod
    def of_names(cls, names: list[str]) -> StampCoding:
        """The coding of the stamps in a file with columns of these names."""
        return SECONDS if names[0] == SECONDS.name else MILLISECONDS

    def encode(self, stamps: Stamps) -> Any | None:
        """An Arrow array of n stamps; None where they do not fit."""
        if self.tick_ms == 1:
            return array_of(t_ms_of(stamps), self.type)
        seconds = Seconds.of(stamps)
        return None if seconds is None else array_of(seconds.number, self.type)

    def decode(self, column: Any) -> Int64:
        """The stamps int64[n] (ms) of an Arrow column of them; milliseconds are not copied."""
        return self.stamps(self.numbers(column))

    def numbers(self, column: Any) -> npt.NDArray[Any]:
        """What stands in an Arrow column of stamps, over its memory."""
        found: npt.NDArray[Any] = numbers_of(one_array(column), np.int64 if self.tick_ms == 1 else np.uint32)
        return found

    def stamps(self, number: npt.NDArray[Any]) -> Int64:
        """The stamps int64[n] (ms) of some of the `numbers`; milliseconds are not copied."""
        if self.tick_ms == 1:
            return number
        t_ms: Int64 = number.astype(np.int64)
        t_ms *= self.tick_ms
        return t_ms

    def search(self, number: npt.NDArray[Any], t_ms: int, *, side: Literal["left", "right"]) -> int:
        """Where an instant would stand among the `numbers`, as of ``np.searchsorted`` among their stamps.

        >>> seconds = np.array([2, 4], np.uint32)
        >>> [SECONDS.search(seconds, t_ms, side="left") for t_ms in (-1, 2000, 2001, 2**60)]
        [0, 0, 1, 2]
        """
        tick = t_ms // self.tick_ms if side == "right" else -(-t_ms // self.tick_ms)
        if self.tick_ms > 1 and not 0 <= tick <= LAST_S:
            return 0 if tick < 0 else len(number)
        return int(number.searchsorted(number.dtype.type(tick), side=side))

    def bounds(self, raw: list[int]) -> Int64:
        """The stamps int64[n] (ms) that such a file's statistics have; `raw`: as they stand there, without a sign."""
        ticks = np.array(raw, np.int64)
        return ticks if self.tick_ms == 1 else (ticks & LAST_S) * self.tick_ms


MILLISECONDS = StampCoding("t", pa.timestamp("ms", "UTC"), 1)
#: Half as wide, so written in half the time; up to the year 2106.
SECONDS = StampCoding("t_s", pa.uint32(), SECOND_MS)
