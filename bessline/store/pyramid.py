"""The pyramid: what buckets of 5 minutes, 15 minutes, an hour and a day of one signal hold. UTC, and exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64, Int64
from bessline.sources.decimals import MOST, Decimals, Numbers, value_of
from bessline.sources.decimals import joined as joined_numbers
from bessline.sources.seconds import Stamps, joined_stamps, ticks_of
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
_STAMPS, _NUMBERS = ("t_ms", "t_min_ms", "t_max_ms"), ("sum", "min", "max", "last")
NO_BUCKETS = Buckets(_NO_STAMPS, NOTHING, _NO_STAMPS, NOTHING, NOTHING, NOTHING, _NO_STAMPS, _NO_STAMPS)


class Whole(NamedTuple):
    """Buckets in whole numbers, as the rows stood in them: half the memory and no rounding.

    The columns of stamps count ticks of `tick_ms` then, `sum`, `min`, `max` and `last` have `places` behind the point;
    None where these are floats.
    """

    buckets: Buckets
    tick_ms: int = 1
    places: int | None = None

    @property
    def real(self) -> Buckets:
        """The same in milliseconds and floats."""
        columns = {name: getattr(self.buckets, name).astype(np.int64) * self.tick_ms for name in _STAMPS}
        if self.places is not None:
            factor = 10.0**self.places
            columns |= {name: getattr(self.buckets, name) / factor for name in _NUMBERS}
        return replace(self.buckets, n=self.buckets.n.astype(np.int64), **columns)


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


def coarser(buckets: Buckets, level: Level, *, of: Level = FINEST, tick_ms: int = 1) -> Buckets:
    """Buckets of `level` from those of the finer level `of`; the same, bit for bit, as the rows would give.

    Their stamps count ticks of `tick_ms`.

    >>> hour = coarser(fold(np.array([0, 400_000]), np.array([1.0, 3.0])), "1h")
    >>> hour.n.tolist(), hour.max.tolist(), hour.t_max_ms.tolist()
    ([2], [3.0], [400000])
    """
    for name, width_ms in LEVELS.items():
        if LEVELS[of] < width_ms <= LEVELS[level]:
            width = width_ms // tick_ms
            buckets = grouped(buckets, buckets.t_ms // width, width=width)
            of = name
    return buckets


class Folding:
    """Takes the rows of one signal by rising stamp, block by block, and folds them to buckets of the finest level.

    Only the rows of the last bucket are held, and the buckets. Decimals are folded as the whole numbers that they are.
    """

    def __init__(self, counting: Counting | None = None, *, before: Float64 = NOTHING) -> None:
        self._counting, self._before = counting, before
        self._parts: list[Whole] = []
        self._stamps: Stamps = _NO_STAMPS
        self._value: Numbers = NOTHING
        self._amount: Numbers = NOTHING

    def add(self, stamps: Stamps, value: Numbers) -> None:
        """Take the next rows: n stamps and values, NaN for a marker."""
        if self._counting is not None or not isinstance(value, Decimals):
            value = value_of(value)
            present = ~np.isnan(value)
            if not present.all():
                stamps, value = stamps[present], value[present]
        if not len(stamps):
            return
        amount = self._amounts(value)
        if len(self._stamps):
            stamps = joined_stamps([self._stamps, stamps])
            amount = joined_numbers([self._amount, amount])
            value = amount if self._counting is None else joined_numbers([self._value, value])
        number, tick_ms = ticks_of(stamps)
        width = LEVELS[FINEST] // tick_ms
        cut = int(number.searchsorted(number[-1] // width * width))
        self._fold(stamps[:cut], value[:cut], amount[:cut])
        self._stamps, self._value, self._amount = stamps[cut:], value[cut:], amount[cut:]

    def _amounts(self, value: Numbers) -> Numbers:
        if self._counting is None:
            return value
        numbers = value_of(value)
        amount = increments(numbers, self._before, self._counting)
        self._before = np.concatenate([self._before, numbers[-CONTEXT:]])[-CONTEXT:]
        return amount

    def _fold(self, stamps: Stamps, value: Numbers, amount: Numbers) -> None:
        if not len(stamps):
            return
        number, tick_ms = ticks_of(stamps)
        width = LEVELS[FINEST] // tick_ms
        key = number // width
        begins, ends = _groups(key)
        column, added = _column(value), _column(amount)
        found = extremes(column, column, begins, ends)
        n = ends - begins
        folded = Buckets(
            t_ms=key[begins] * width,
            sum=_sums(added, begins, n, found) if found.total is None else _narrow(found.total),
            n=n.astype(np.int32),
            min=found.lowest,
            max=found.highest,
            last=column[ends - 1],
            t_min_ms=number[found.at_lowest],
            t_max_ms=number[found.at_highest],
        )
        self._parts.append(Whole(folded, tick_ms, value.places if isinstance(value, Decimals) else None))

    def buckets(self) -> Buckets:
        """All buckets so far, the last one included."""
        return self.whole().real

    def whole(self) -> Whole:
        """The same in whole numbers where all parts are in the same ones."""
        self._fold(self._stamps, self._value, self._amount)
        self._stamps, self._value, self._amount = _NO_STAMPS, NOTHING, NOTHING
        forms = {(part.tick_ms, part.places) for part in self._parts}
        if len(forms) == 1:
            whole = Whole(joined([part.buckets for part in self._parts]), *forms.pop())
        else:
            whole = Whole(joined([part.real for part in self._parts]))
        self._parts = [whole]
        return whole


def _column(numbers: Numbers) -> Column:
    return numbers.number if isinstance(numbers, Decimals) else numbers


def grouped(buckets: Buckets, key: npt.NDArray[Any], *, width: int) -> Buckets:
    """One bucket for each run of n equal keys, which starts at `width` times its key."""
    if not len(buckets):
        return buckets
    begins, ends = _groups(key)
    found = extremes(buckets.min, buckets.max, begins, ends)
    n = np.add.reduceat(buckets.n, begins, dtype=buckets.n.dtype)
    return Buckets(
        t_ms=key[begins] * width,
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
        return _narrow(np.add.reduceat(amount, begins, dtype=np.int64))
    return _settled(np.add.reduceat(amount, begins), n, found)


def _narrow(total: Int64) -> Column:
    """The same in half the memory, where they are of nine digits."""
    fits = int(total.min(initial=0)) >= -MOST and int(total.max(initial=0)) <= MOST
    return total.astype(np.int32) if fits else total


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


def _groups(key: npt.NDArray[Any]) -> tuple[Int64, Int64]:
    """Where runs of equal keys begin and end."""
    borders = np.flatnonzero(key[1:] != key[:-1]) + 1
    return np.concatenate([[0], borders]), np.concatenate([borders, [len(key)]])
