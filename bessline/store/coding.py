"""How numbers stand in the store's files: as decimals, which is what instruments give, else as floats.

A decimal is a whole number and a place of the point. Differences between neighbours are small then, so they pack into a
few bits, three times as fast as floats into a dictionary. Both forms give back the float that was put in, bit for bit
(a negative zero loses its sign).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bessline.sources.base import Float64
from bessline.sources.decimals import Decimals

Number = TypeVar("Number", bound=np.generic)
_MOST_DECIMALS = 6
_SMALL_DIGITS, _DIGITS = 9, 18
_SAMPLE = 64
#: Whole numbers up to here are exact as floats.
_MOST = 10**15


@dataclass(frozen=True, slots=True)
class Coding:
    """Decimals with so many places behind the point (None: floats), of nine digits or, if `is_wide`, of eighteen.

    >>> coding = Coding(decimals=3)
    >>> coding.decode(pa.chunked_array([coding.encode(np.array([3.301, np.nan]))])).tolist()
    [3.301, nan]
    """

    decimals: int | None = None
    is_wide: bool = False

    @property
    def type(self) -> Any:
        """The Arrow type of the column."""
        if self.decimals is None:
            return pa.float64()
        if self.is_wide:
            return pa.decimal64(_DIGITS, self.decimals)
        return pa.decimal32(_SMALL_DIGITS, self.decimals)

    @property
    def _kind(self) -> Any:
        """The numpy type of its numbers."""
        if self.decimals is None:
            return np.float64
        return np.int64 if self.is_wide else np.int32

    @classmethod
    def of_type(cls, found: Any) -> Coding:
        """The coding of a column of that Arrow type."""
        if pa.types.is_decimal(found):
            return cls(found.scale, is_wide=not pa.types.is_decimal32(found))
        return cls()

    def _whole(self, value: Float64, decimals: int) -> Float64 | None:
        """The whole numbers behind float64[n] values, NaN where they are; None where they are not such decimals."""
        factor = 10.0**decimals
        if _largest(value) * factor >= (_MOST if self.is_wide else 10**_SMALL_DIGITS):
            return None
        number = value * factor if decimals else value.copy()
        np.rint(number, out=number)
        same = (number / factor if decimals else number) == value
        return number if same.all() or (same | np.isnan(value)).all() else None

    def encode(self, value: Float64) -> Any | None:
        """An Arrow array of float64[n] values, NaN as null; None where they do not fit."""
        if self.decimals is None:
            return array_of(value, pa.float64(), missing=np.isnan(value))
        number = self._whole(value, self.decimals)
        if number is None:
            return None
        missing = np.isnan(number)
        if missing.any():
            number[missing] = 0
        return array_of(number.astype(np.int64 if self.is_wide else np.int32), self.type, missing=missing)

    def keep(self, value: Decimals) -> Any | None:
        """An Arrow array of them; None where they do not fit."""
        same = None if self.decimals is None or self.is_wide else value.with_places(self.decimals)
        return None if same is None else array_of(same.number, self.type)

    def decode(self, column: Any) -> Float64:
        """The float64[n] values of an Arrow column; null becomes NaN."""
        return self.values(*self.numbers(column))

    def numbers(self, column: Any) -> tuple[npt.NDArray[Any], ...]:
        """What stands in an Arrow column, over its memory: numbers[n], and bool[n] where one is missing, if any is."""
        array = one_array(column)
        number: npt.NDArray[Any] = numbers_of(array, self._kind)
        return (number, _missing(array)) if array.null_count else (number,)

    def values(self, number: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> Float64:
        """The float64[n] values of some of the `numbers`."""
        value: Float64 = number if self.decimals is None else number.astype(np.float64)
        if self.decimals:
            value /= 10.0**self.decimals
        if missing is not None and missing.any():
            value = value.copy() if self.decimals is None else value
            value[missing] = np.nan
        return value


def numbers_of(array: Any, kind: type[Number]) -> npt.NDArray[Number]:
    """The numbers of an Arrow array of that type, over its memory; what stands where one is null means nothing.

    Its own ``to_numpy`` would import pandas first.

    >>> numbers_of(pa.array([1, 2, 3]).slice(1), np.int64)
    array([2, 3])
    """
    if not len(array):
        return np.empty(0, kind)
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind().itemsize)


def _missing(array: Any) -> npt.NDArray[np.bool_]:
    present = np.unpackbits(np.frombuffer(array.buffers()[0], np.uint8), bitorder="little")
    found: npt.NDArray[np.bool_] = present[array.offset : array.offset + len(array)] == 0
    return found


def one_array(column: Any) -> Any:
    """The Arrow array that a chunked column is; one of a single chunk is not copied.

    >>> one_array(pa.chunked_array([[1, 2], [3]])).to_pylist()
    [1, 2, 3]
    """
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def array_of(value: npt.NDArray[Any], kind: Any, *, missing: npt.NDArray[np.bool_] | None = None) -> Any:
    """An Arrow array of type `kind` over the memory of `value`, null where bool[n] `missing` says so.

    ``pyarrow.array`` would do the same, but only after it has imported pandas: half a second in each worker.
    """
    present = None
    if missing is not None and missing.any():
        present = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(value), [present, pa.py_buffer(np.ascontiguousarray(value))])


def encoded(value: Float64, *, beyond: Coding | None = None) -> Any:
    """An Arrow array of float64[n] in the smallest coding they fit into, and whatever fitted into `beyond`, too.

    >>> encoded(np.array([3.301])).type
    Decimal32Type(decimal32(9, 3))
    """
    for coding in _candidates(beyond):
        # most that do not fit show it at once
        if coding.encode(value[:_SAMPLE]) is not None and (array := coding.encode(value)) is not None:
            return array
    return Coding().encode(value)


def _candidates(beyond: Coding | None) -> list[Coding]:
    if beyond is None:
        return [Coding(places, is_wide) for places in range(_MOST_DECIMALS + 1) for is_wide in (False, True)]
    if beyond.decimals is None or beyond.is_wide:
        return []
    return [Coding(places, is_wide=True) for places in range(beyond.decimals, _MOST_DECIMALS + 1)]


def _largest(number: Float64) -> float:
    """The largest magnitude; NaN counts for nothing."""
    return float(max(np.fmax.reduce(number, initial=0), -np.fmin.reduce(number, initial=0)))
