"""Stamps as instruments give them: whole seconds, in half the memory of milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

UInt32 = npt.NDArray[np.uint32]
_Int64 = npt.NDArray[np.int64]
SECOND_MS = 1000
#: The last second that they reach, in the year 2106.
LAST_S = 2**32 - 1
#: Dividing by 1000 is shifting by three bits and, without remainder, multiplying by this: a fifth of the time.
_EIGHTH, _BY_125, _LOW_BITS = np.uint64(3), np.uint64(pow(125, -1, 2**64)), 7


@dataclass(frozen=True, slots=True)
class Seconds:
    """n instants in whole seconds: `number` uint32[n], since 1970-01-01 00:00.

    >>> Seconds(np.array([1, 60], np.uint32)).t_ms.tolist()
    [1000, 60000]
    """

    number: UInt32

    @classmethod
    def of(cls, stamps: Stamps) -> Seconds | None:
        """The same in seconds; None where some are not whole ones, or out of reach.

        >>> Seconds.of(np.array([2000, 2500]))
        """
        if isinstance(stamps, Seconds):
            return stamps
        seconds = stamps.view(np.uint64) >> _EIGHTH
        # where there is a remainder the product is no small number
        seconds *= _BY_125
        if int(seconds.max(initial=0)) > LAST_S or int(np.bitwise_or.reduce(stamps)) & _LOW_BITS:
            return None
        return cls(seconds.astype(np.uint32))

    def __len__(self) -> int:
        return len(self.number)

    def __getitem__(self, rows: slice | npt.NDArray[Any]) -> Seconds:
        return Seconds(self.number[rows])

    @property
    def t_ms(self) -> _Int64:
        """int64[n], in milliseconds."""
        t_ms = self.number.astype(np.int64)
        t_ms *= SECOND_MS
        return t_ms


#: Seconds, or int64[n] milliseconds.
Stamps = _Int64 | Seconds


def t_ms_of(stamps: Stamps) -> _Int64:
    """The same as int64[n] milliseconds."""
    return stamps.t_ms if isinstance(stamps, Seconds) else stamps


def ticks_of(stamps: Stamps) -> tuple[npt.NDArray[Any], int]:
    """The numbers that n stamps stand in, and how many milliseconds one of them counts.

    >>> ticks_of(Seconds(np.array([7], np.uint32)))
    (array([7], dtype=uint32), 1000)
    """
    return (stamps.number, SECOND_MS) if isinstance(stamps, Seconds) else (stamps, 1)


def earlier(stamps: Stamps, by_ms: int) -> Stamps:
    """The same, each by so many milliseconds earlier: seconds where they are and can be.

    >>> earlier(Seconds(np.array([7200], np.uint32)), 3_600_000)
    Seconds(number=array([3600], dtype=uint32))
    >>> earlier(Seconds(np.array([7200], np.uint32)), 1)
    array([7199999])
    """
    if isinstance(stamps, Seconds) and len(stamps):
        by_s, rest = divmod(by_ms, SECOND_MS)
        if not rest and by_s <= int(stamps.number.min()) and int(stamps.number.max()) - by_s <= LAST_S:
            return Seconds(stamps.number - np.uint32(by_s & LAST_S))
    return t_ms_of(stamps) - by_ms


def joined_stamps(parts: Sequence[Stamps]) -> Stamps:
    """All of them in order: seconds if all are.

    >>> joined_stamps([Seconds(np.array([7], np.uint32)), np.array([7500])]).tolist()
    [7000, 7500]
    """
    if len(parts) == 1:
        return parts[0]
    seconds = [part.number for part in parts if isinstance(part, Seconds)]
    if seconds and len(seconds) == len(parts):
        return Seconds(np.concatenate(seconds))
    return np.concatenate([t_ms_of(part) for part in parts])
