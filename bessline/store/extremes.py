"""The least and the greatest of many short groups of rows, and where they stand."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Int64

#: Floats, or the whole numbers of decimals.
Column = npt.NDArray[Any]
#: Groups of more rows are halved again and again first: what is done once a row would cost too much there.
_ROWS_AT_ONCE = 64
#: Whole numbers below this leave eight bits for the place of a row in its group.
_BITS, _SMALL = 8, 1 << 23


class Extremes(NamedTuple):
    """Of each group the lowest, the highest, and the rows where each stands first.

    `total` is what a group adds up to, known where both were looked for in the same whole numbers.
    """

    lowest: Column
    at_lowest: Int64
    highest: Column
    at_highest: Int64
    total: Column | None = None


def extremes(low: Column, high: Column, begins: Int64, ends: Int64) -> Extremes:
    """The first lowest of `low` and the first highest of `high` of each of n groups of rows, from `begins` to `ends`.

    >>> value = np.array([3, 1, 1, 5])
    >>> found = extremes(value, value, np.array([0, 3]), np.array([3, 4]))
    >>> found.lowest, found.at_lowest, found.total
    (array([1, 5]), array([1, 3]), array([5, 5]))
    """
    rows = int((ends - begins).max())
    if rows > _ROWS_AT_ONCE:
        return _of_many(low, high, begins, ends)
    # a column for each group; below its end its last row stands again, which changes nothing
    at = begins + np.arange(rows)[:, None]
    np.minimum(at, ends - 1, out=at)
    lows = low.take(at)
    if high is low and low.dtype.kind == "i":
        is_small = bool(lows.min() > -_SMALL and lows.max() < _SMALL)
        total = lows.sum(axis=0, dtype=np.int32 if is_small else np.int64)
        total = total - (rows - (ends - begins)) * low[ends - 1]
        return (_of_small(lows, begins) if is_small else _of(lows, lows, begins))._replace(total=total)
    return _of(lows, lows if high is low else high.take(at), begins)


def _of(lows: Column, highs: Column, begins: Int64) -> Extremes:
    lowest, highest = lows.min(axis=0), highs.max(axis=0)
    at_lowest, at_highest = begins + _rows_until(lows, lowest), begins + _rows_until(highs, highest)
    return Extremes(lowest, at_lowest, highest, at_highest)


def _rows_until(columns: Column, wanted: Column) -> npt.NDArray[np.int8]:
    """How many rows of [rows, n] stand before the first that is `wanted`, for each of n columns."""
    before, count = np.ones(len(wanted), bool), np.zeros(len(wanted), np.int8)
    for row in columns[:-1]:
        before &= row != wanted
        count += before
    return count


def _of_small(rows: Column, begins: Int64) -> Extremes:
    """Value and place in one number, so that one comparison finds both. Changes `rows`."""
    rows <<= _BITS
    rows |= np.arange(len(rows), dtype=rows.dtype)[:, None]
    lowest = rows.min(axis=0)
    # among equal ones the first is to be the greatest
    rows ^= (1 << _BITS) - 1
    highest = rows.max(axis=0)
    places = (1 << _BITS) - 1
    at_lowest, at_highest = begins + (lowest & places), begins + (places - (highest & places))
    return Extremes(lowest >> _BITS, at_lowest, highest >> _BITS, at_highest)


def _of_many(low: Column, high: Column, begins: Int64, ends: Int64) -> Extremes:
    pieces = -(-(ends - begins) // _ROWS_AT_ONCE)
    last = np.cumsum(pieces)
    first = last - pieces
    begin = np.repeat(begins, pieces) + _ROWS_AT_ONCE * (np.arange(last[-1]) - np.repeat(first, pieces))
    inner = extremes(low, high, begin, np.minimum(begin + _ROWS_AT_ONCE, np.repeat(ends, pieces)))
    outer = extremes(inner.lowest, inner.highest, first, last)
    total = None if inner.total is None else np.add.reduceat(inner.total, first)
    at_lowest, at_highest = inner.at_lowest[outer.at_lowest], inner.at_highest[outer.at_highest]
    return Extremes(outer.lowest, at_lowest, outer.highest, at_highest, total)
