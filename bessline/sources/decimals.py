"""Numbers as instruments give them: whole numbers and one place of the point for all, in half the memory of floats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
_Float64 = npt.NDArray[np.float64]
#: Whole numbers up to here leave room for a sign, and are nine digits.
MOST = 10**9 - 1


@dataclass(frozen=True, slots=True)
class Decimals:
    """n decimals, none of them missing: `number` int32[n] (at most nine digits), the last `places` behind the point.

    >>> Decimals(np.array([3301, -5], np.int32), 3).value.tolist()
    [3.301, -0.005]
    """

    number: Int32
    places: int

    def __len__(self) -> int:
        return len(self.number)

    def __getitem__(self, rows: slice | npt.NDArray[Any]) -> Decimals:
        return Decimals(self.number[rows], self.places)

    @property
    def value(self) -> _Float64:
        """float64[n], each the one nearest to its decimal."""
        value = self.number.astype(np.float64)
        if self.places:
            value /= 10.0**self.places
        return value

    @property
    def negative(self) -> Decimals:
        """The same with the other sign."""
        return Decimals(np.negative(self.number), self.places)

    @property
    def shortest(self) -> Decimals:
        """The same without zeros that all have at their end.

        >>> Decimals(np.array([500, 20], np.int32), 2).shortest
        Decimals(number=array([50,  2], dtype=int32), places=1)
        """
        found = self
        # the first rows show it at once
        while found.places and not (found.number[:64] % 10).any() and not (found.number % 10).any():
            found = Decimals(found.number // 10, found.places - 1)
        return found

    def with_places(self, places: int) -> Decimals | None:
        """The same with so many places; None where they do not suffice, or would make it too long."""
        if places == self.places:
            return self
        if places < self.places:
            shorter = self.shortest
            return None if shorter.places > places else shorter.with_places(places)
        factor = 10 ** (places - self.places)
        longest = max(int(self.number.max(initial=0)), -int(self.number.min(initial=0)))
        return None if longest * factor > MOST else Decimals(self.number * np.int32(factor), places)


#: Decimals, or float64[n] with NaN for a missing marker.
Numbers = _Float64 | Decimals


def value_of(numbers: Numbers) -> _Float64:
    """The same as float64[n]."""
    return numbers.value if isinstance(numbers, Decimals) else numbers


def joined(parts: Sequence[Numbers]) -> Numbers:
    """All of them in order: decimals if all are and fit into one form, else floats.

    >>> joined([Decimals(np.array([5], np.int32), 0), Decimals(np.array([5], np.int32), 1)])
    Decimals(number=array([50,  5], dtype=int32), places=1)
    """
    if len(parts) == 1:
        return parts[0]
    decimals = [part for part in parts if isinstance(part, Decimals)]
    if decimals and len(decimals) == len(parts):
        places = max(part.places for part in decimals)
        alike = [same for part in decimals if (same := part.with_places(places)) is not None]
        if len(alike) == len(parts):
            return Decimals(np.concatenate([part.number for part in alike]), places)
    return np.concatenate([value_of(part) for part in parts])
