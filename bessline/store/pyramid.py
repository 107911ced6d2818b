"""The pyramid: what buckets of 5 minutes, 15 minutes, an hour and a day of one signal hold. UTC, and exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64, Int64
from bessline.sources.decimals import Decimals, Numbers, value_of
from bessline.sources.decimals import joined as joined_numbers
from bessline.store.counters import CONTEXT, NOTHING, Counting, increments
from bessline.store.extremes import Column, Extremes, extremes

Level = Literal["5min", "15min", "1h", "1d"]
#: The width of a level's buckets in milliseconds, from the finest on; each is a multiple of the one before.
LEVELS: dict[Level, int] = {"5min": 300_000, "15min": 900_000, "1h": 3_600_000, "1d": 86_400_000}
FINEST: Level = "5min"
_DECIMALS = (1e3, 1e6)
_SUM_ERROR = 8 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets that hold at least one value, by rising stamp. Arrays of one length.

    Parameters
    ----------
    t_ms: int64, where the bucket starts, UTC.
    sum: float64, of the values; of a counter, of its increments (see `bessline.store.counters`): a bucket has those up
        to its rows, the first of them since the last row of the bucket before.
    n: int64, how many values; explicit missing markers are none.
    min, max, last: float64, of the values. A flag's value is its `max`, a counter's its `last`.
    t_min_ms, t_max_ms: int64, the stamps of the first lowest and the first highest value.
    """

    t_ms: Int64
    sum: Float64
    n: Int64
    min: Float64
    max: Float64
    last: Float64
    t_min_ms: Int64
    t_max_ms: Int64

    def __len__(self) -> int:
        return len(self.t_ms)

    @property
    def mean(self) -> Float64:
        """float64, of the values of a measure. Of a counter or a flag it means nothing."""
        return self.sum / self.n

    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays in the order above."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def starting(self, t_ms: Int64) -> Buckets:
        """The same buckets, starting at other instants int64[n]."""
        return Buckets(t_ms, *self.columns()[1:])

    def at(self, rows: slice | npt.NDArray[Any]) -> Buckets:
        """Some of the buckets: by slice, mask or positions."""
        return Buckets(*(column[rows] for column in self.columns()))


def joined(parts: Sequence[Buckets]) -> Buckets:
    """The buckets of all `parts`, which follow on each other."""
    if not parts:
        return NO_BUCKETS
    if len(parts) == 1:
        return parts[0]
    return Buckets(*(np.concatenate(columns) for columns in zip(*(part.columns() for part in parts), strict=True)))


_NO_STAMPS = np.empty(0, np.int64)
NO_BUCKETS = Buckets(_NO_STAMPS, NOTHING, _NO_STAMPS, NOTHING, NOTHING, NOTHING, _NO_STAMPS, _NO_STAMPS)


def fold(
    t_ms: Int64, value: Float64, *, level: Level = FINEST, counting: Counting | None = None, before: Float64 = NOTHING
) -> Buckets:
    """Buckets of rows: int64[n] rising stamps and float64[n] values, NaN for a marker.

    Parameters
    ----------
    counting: how a counter counts; None for what is no counter.
    before: of a counter, the last `CONTEXT` values before these rows.

    >>> fold(np.array([0, 1000, 300_000]), np.array([1.0, 3.0, 2.0])).sum.tolist()
    [4.0, 2.0]
    """
    folding = Folding(counting, before=before)
    folding.add(t_ms, value)
    return coarser(folding.buckets(), level)


def coarser(buckets: Buckets, level: Level, *, of: Level = FINEST) -> Buckets:
    """Buckets of `level` from those of the finer level `of`; the same, bit for bit, as the rows would give.

    >>> hour = coarser(fold(np.array([0, 400_000]), np.array([1.0, 3.0])), "1h")
    >>> hour.n.tolist(), hour.max.tolist(), hour.t_max_ms.tolist()
    ([2], [3.0], [400000])
    """
    for name, width_ms in LEVELS.items():
        if LEVELS[of] < width_ms <= LEVELS[level]:
            buckets = grouped(buckets, buckets.t_ms // width_ms, width_ms=width_ms)
            of = name
    return buckets


class Folding:
    """Takes the rows of one signal by rising stamp, block by block, and folds them to buckets of the finest level.

    Only the rows of the last bucket are held, and the buckets. Decimals are folded as the whole numbers that they are.
    """

    def __init__(self, counting: Counting | None = None, *, before: Float64 = NOTHING) -> None:
        self._counting, self._before = counting, before
        self._parts: list[tuple[Buckets, int | None]] = []
        self._t_ms: Int64 = _NO_STAMPS
        self._value: Numbers = NOTHING
        self._amount: Numbers = NOTHING

    def add(self, t_ms: Int64, value: Numbers) -> None:
        """Take the next rows: int64[n] and n values, NaN for a marker."""
        if self._counting is not None or not isinstance(value, Decimals):
            value = value_of(value)
            present = ~np.isnan(value)
            if not present.all():
                t_ms, value = t_ms[present], value[present]
        if not len(t_ms):
            return
        amount = self._amounts(value)
        if len(self._t_ms):
            t_ms = np.concatenate([self._t_ms, t_ms])
            amount = joined_numbers([self._amount, amount])
            value = amount if self._counting is None else joined_numbers([self._value, value])
        key = t_ms // LEVELS[FINEST]
        cut = int(np.searchsorted(key, key[-1]))
        self._fold(t_ms[:cut], value[:cut], amount[:cut], key=key[:cut])
        self._t_ms, self._value, self._amount = t_ms[cut:], value[cut:], amount[cut:]

    def _amounts(self, value: Numbers) -> Numbers:
        if self._counting is None:
            return value
        numbers = value_of(value)
        amount = increments(numbers, self._before, self._counting)
        self._before = np.concatenate([self._before, numbers[-CONTEXT:]])[-CONTEXT:]
        return amount

    def _fold(self, t_ms: Int64, value: Numbers, amount: Numbers, *, key: Int64) -> None:
        if not len(t_ms):
            return
        begins, ends = _groups(key)
        places = value.places if isinstance(value, Decimals) else None
        column, added = _column(value), _column(amount)
        found = extremes(column, column, begins, ends)
        folded = Buckets(
            t_ms=key[begins] * LEVELS[FINEST],
            sum=_sums(added, begins, ends - begins, found) if found.total is None else found.total,
            n=ends - begins,
            min=found.lowest,
            max=found.highest,
            last=column[ends - 1],
            t_min_ms=t_ms[found.at_lowest],
            t_max_ms=t_ms[found.at_highest],
        )
        self._parts.append((folded, places))

    def buckets(self) -> Buckets:
        """All buckets so far, the last one included."""
        whole, places = self.whole()
        return whole if places is None else _as_floats(whole, places)

    def whole(self) -> tuple[Buckets, int | None]:
        """The same in whole numbers, and how many of their places stand behind the point; None where they are floats.

        `sum` is int64 then, and `min`, `max` and `last` are int32.
        """
        self._fold(self._t_ms, self._value, self._amount, key=self._t_ms // LEVELS[FINEST])
        self._t_ms, self._value, self._amount = _NO_STAMPS, NOTHING, NOTHING
        known = {places for _, places in self._parts}
        if len(known) == 1:
            self._parts = [(joined([buckets for buckets, _ in self._parts]), known.pop())]
        else:
            parts = [part if places is None else _as_floats(part, places) for part, places in self._parts]
            self._parts = [(joined(parts), None)]
        return self._parts[0]


def _column(numbers: Numbers) -> Column:
    return numbers.number if isinstance(numbers, Decimals) else numbers


def _as_floats(whole: Buckets, places: int) -> Buckets:
    factor = 10.0**places
    numbers = {name: getattr(whole, name) / factor for name in ("sum", "min", "max", "last")}
    return replace(whole, **numbers)


def grouped(buckets: Buckets, key: Int64, *, width_ms: int) -> Buckets:
    """One bucket for each run of equal keys, int64[n], which starts at `width_ms` times its key."""
    if not len(buckets):
        return buckets
    begins, ends = _groups(key)
    found = extremes(buckets.min, buckets.max, begins, ends)
    n = np.add.reduceat(buckets.n, begins)
    return Buckets(
        t_ms=key[begins] * width_ms,
        sum=_sums(buckets.sum, begins, n, found),
        n=n,
        min=found.lowest,
        max=found.highest,
        last=buckets.last[ends - 1],
        t_min_ms=buckets.t_min_ms[found.at_lowest],
        t_max_ms=buckets.t_max_ms[found.at_highest],
    )


def _sums(amount: Column, begins: Int64, n: Int64, found: Extremes) -> Column:
    """What each group adds up to."""
    if amount.dtype.kind == "i":
        return np.add.reduceat(amount, begins, dtype=np.int64)
    return _settled(np.add.reduceat(amount, begins), n, found)


def _settled(total: Float64, n: Int64, found: Extremes) -> Float64:
    """Sums without the last bits' noise: the nearest decimal, where that is within what adding floats is wrong by.

    The sum of decimals is one; so sums do not depend on the order in which they were added, and take fewer bytes.
    """
    error = np.maximum(np.abs(found.lowest), np.abs(found.highest)) * (n * _SUM_ERROR)
    for factor in _DECIMALS:
        decimal = np.rint(total * factor) / factor
        near = np.abs(decimal - total) <= error
        if near.all():
            return decimal
    return np.where(near, decimal, total)


def _groups(key: Int64) -> tuple[Int64, Int64]:
    """Where runs of equal keys begin and end."""
    borders = np.flatnonzero(key[1:] != key[:-1]) + 1
    return np.concatenate([[0], borders]), np.concatenate([borders, [len(key)]])
