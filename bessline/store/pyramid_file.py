"""The file of a signal's pyramid: all its levels in one Parquet file, with verified page checksums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bessline.sources.base import Int64
from bessline.sources.decimals import Int32
from bessline.sources.seconds import SECOND_MS, Seconds, Stamps
from bessline.store.coding import Coding, array_of, encoded, numbers_of, one_array
from bessline.store.columns import begin_parquet
from bessline.store.pyramid import FINEST, LEVELS, NO_BUCKETS, Buckets, Level, coarser, joined
from bessline.store.row_group_cache import Group, RowGroupCache
from bessline.store.signed import appearing, damaged, open_signed
from bessline.store.stamps import MILLISECONDS, SECONDS, StampCoding

ROW_GROUP = 16_384
_MINUTE_MS = 60_000
_NUMBERS, _ENDS = ("sum", "min", "max", "last"), ("tmin", "tmax")
_COARSEST_FIRST = sorted(LEVELS, key=LEVELS.__getitem__, reverse=True)


def levels_of(finest: Buckets, *, tick_ms: int = 1) -> dict[Level, Buckets]:
    """All levels from the finest one, each from the one before; their stamps count ticks of `tick_ms`."""
    levels: dict[Level, Buckets] = {}
    below: Level = FINEST
    for level in LEVELS:
        levels[level] = coarser(levels.get(below, finest), level, of=below, tick_ms=tick_ms)
        below = level
    return levels


def write_pyramid(path: Path, levels: Mapping[Level, Buckets], *, tick_ms: int = 1, places: int | None = None) -> int:
    """Write the buckets of each level to `path`, which appears whole or not at all; returns its size in bytes.

    `tick_ms` and `places` say in which whole numbers they are given (see `bessline.store.pyramid.Whole`). It is not
    forced to disk: who names it in the manifest sees to that.
    """
    table = _table(levels, tick_ms, places)
    with appearing(path) as temporary, begin_parquet(temporary, table.schema) as writer:
        if table.num_rows:
            writer.write_table(table, row_group_size=ROW_GROUP)
    return path.stat().st_size


def _table(levels: Mapping[Level, Buckets], tick_ms: int, places: int | None) -> pa.Table:
    """All levels as one table, from the coarsest on, so that those of few rows share a row group.

    `level` is the width in minutes. `tmin` and `tmax` count from `t`: seconds, or milliseconds where these are needed.
    """
    minutes, rows = _coarsest_first(levels)
    seconds = _offsets(rows, tick_ms, SECOND_MS)
    unit, offsets = ("ms", _offsets(rows, tick_ms, 1)) if seconds is None else ("s", seconds)
    starts = _starts(rows, tick_ms)
    coding = MILLISECONDS if Seconds.of(starts) is None else SECONDS
    numbers = {name: _column(getattr(rows, name), places) for name in _NUMBERS}
    columns = {
        "level": array_of(minutes, pa.int32()),
        coding.name: coding.encode(starts),
        "sum": numbers["sum"],
        "n": array_of(rows.n.astype(np.int32, copy=False), pa.int32()),
        "min": numbers["min"],
        "max": numbers["max"],
        "last": numbers["last"],
    }
    assert offsets is not None
    columns |= {f"{end}_{unit}": array_of(each, pa.int32()) for end, each in zip(_ENDS, offsets, strict=True)}
    schema = pa.schema([pa.field(name, array.type, nullable=False) for name, array in columns.items()])
    return pa.Table.from_arrays(list(columns.values()), schema=schema)


def table_like(schema: pa.Schema, levels: Mapping[Level, Buckets]) -> pa.Table | None:
    """The buckets in the form of a table that was written before; None where they do not fit into it."""
    minutes, rows = _coarsest_first(levels)
    offsets = _offsets(rows, 1, SECOND_MS if schema.names[-1].endswith("_s") else 1)
    numbers = {name: Coding.of_type(schema.field(name).type).encode(getattr(rows, name)) for name in _NUMBERS}
    stamps = _stamp_coding(schema.names)
    starts = stamps.encode(rows.t_ms)
    if offsets is None or starts is None or None in numbers.values():
        return None
    whole = {"level": minutes, "n": rows.n.astype(np.int32), **dict(zip(schema.names[-2:], offsets, strict=True))}
    columns = {name: array_of(each, pa.int32()) for name, each in whole.items()}
    columns |= numbers | {stamps.name: starts}
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def _stamp_coding(names: list[str]) -> StampCoding:
    """How the starts of buckets stand in a file with columns of these names: behind the level."""
    return StampCoding.of_names(names[1:])


def _coarsest_first(levels: Mapping[Level, Buckets]) -> tuple[Int32, Buckets]:
    """The width in minutes of each bucket, and the buckets."""
    order = [level for level in _COARSEST_FIRST if level in levels]
    widths = np.array([LEVELS[level] // _MINUTE_MS for level in order], np.int32)
    return np.repeat(widths, [len(levels[level]) for level in order]), joined([levels[level] for level in order])


def _starts(rows: Buckets, tick_ms: int) -> Stamps:
    return Seconds(rows.t_ms.view(np.uint32)) if tick_ms == SECOND_MS else rows.t_ms


def _offsets(rows: Buckets, tick_ms: int, unit_ms: int) -> tuple[Int32, Int32] | None:
    """How many `unit_ms` behind the start of each bucket its extremes came; None where that is no whole number."""
    low, high = ((each - rows.t_ms).astype(np.int32) for each in (rows.t_min_ms, rows.t_max_ms))
    if tick_ms == unit_ms:
        return low, high
    ticks = unit_ms // tick_ms
    units = low // ticks, high // ticks
    return units if (units[0] * ticks == low).all() and (units[1] * ticks == high).all() else None


def _column(numbers: npt.NDArray[Any], places: int | None) -> Any:
    if places is None:
        return encoded(numbers)
    return array_of(numbers, Coding(places, is_wide=numbers.itemsize > 4).type)


class PyramidFile:
    """Buckets by level and time from a file of `write_pyramid`. Safe to share between threads.

    Raises
    ------
    StoreDamaged
        at opening and at reading: the file is missing or does not hold together.
    """

    def __init__(self, path: Path, cache: RowGroupCache) -> None:
        self.path, self._cache = path, cache
        self._signed = open_signed(path)
        metadata = self._signed.metadata
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        self._offset_ms = SECOND_MS if metadata.schema.names[-1].endswith("_s") else 1
        try:
            minutes = [group.column(0).statistics for group in groups]
            bounds = [group.column(1).statistics for group in groups]
            self._stamps = _stamp_coding(metadata.schema.names)
            self._first_ms = self._stamps.bounds([bound.min_raw for bound in bounds])
            self._last_ms = self._stamps.bounds([bound.max_raw for bound in bounds])
            self._finest = np.array([bound.min_raw for bound in minutes], np.int64) * _MINUTE_MS
            self._coarsest = np.array([bound.max_raw for bound in minutes], np.int64) * _MINUTE_MS
        except (pa.ArrowException, AttributeError, IndexError, TypeError) as error:
            raise damaged(path, error) from error

    def between(self, level: Level, first_ms: int, last_ms: int) -> Buckets:
        """The buckets of `level` that hold an instant of first_ms <= t <= last_ms."""
        width_ms = LEVELS[level]
        low, high = first_ms // width_ms * width_ms, last_ms
        groups, first, last = self._spans(width_ms)
        wanted = groups[(last >= low) & (first <= high)]
        cuts = [self._cut(index, level, low, high) for index in wanted.tolist()]
        if not cuts:
            return NO_BUCKETS
        # joined as they stand in the file, half as wide as what is made of them
        t, *others = cuts[0] if len(cuts) == 1 else map(np.concatenate, zip(*cuts, strict=True))
        # a bucket that went on when rows were appended stands there again, later
        newest = np.append(t[1:] > t[:-1], True)[: len(t)]
        return self._buckets([t, *others] if newest.all() else [column[newest] for column in (t, *others)])

    def _spans(self, width_ms: int) -> tuple[Int64, Int64, Int64]:
        """The row groups that hold buckets of a level, and from when (ms) until when these may be: int64[groups] each.

        What is known of a group that holds several levels spans all of them; but where its neighbour holds this level
        alone, the buckets here are earlier than those, or later.
        """
        groups = np.flatnonzero((self._finest <= width_ms) & (self._coarsest >= width_ms))
        first, last = self._first_ms[groups], self._last_ms[groups]
        alone = self._finest[groups] == self._coarsest[groups]
        last[:-1] = np.where(alone[1:] & ~alone[:-1], first[1:], last[:-1])
        first[1:] = np.where(alone[:-1] & ~alone[1:], last[:-1], first[1:])
        return groups, first, last

    def _cut(self, index: int, level: Level, low: int, high: int) -> Group:
        """The buckets of a level in a row group that start from `low` to `high` (ms), but for the level."""
        ends, *columns = self._cache.get((self.path, index), lambda: self._decode(index))
        at = _COARSEST_FIRST.index(level)
        begin, end = (int(ends[at - 1]) if at else 0), int(ends[at])
        t = columns[0][begin:end]
        first, last = self._stamps.search(t, low, side="left"), self._stamps.search(t, high, side="right")
        return tuple(column[begin + first : begin + last] for column in columns)

    def _decode(self, index: int) -> Group:
        """Its columns as they stand in the file, but for the first: where each level ends, from the coarsest on."""
        table = self._signed.table(index)
        try:
            level, t, *_ = table.columns
            ends = (-_whole(level)).searchsorted([-(LEVELS[each] // _MINUTE_MS) for each in _COARSEST_FIRST], "right")
            numbers = {name: self._codings[name].numbers(table.column(name))[0] for name in _NUMBERS}
            n, *offsets = (_whole(column) for column in (table.column("n"), *table.columns[-2:]))
        except (pa.ArrowException, KeyError) as error:
            raise damaged(self.path, error) from error
        return ends, self._stamps.numbers(t), n, *numbers.values(), *offsets

    @cached_property
    def _codings(self) -> dict[str, Coding]:
        schema = self._signed.metadata.schema.to_arrow_schema()
        return {name: Coding.of_type(schema.field(name).type) for name in _NUMBERS}

    def _buckets(self, columns: Sequence[npt.NDArray[Any]]) -> Buckets:
        """What some of the rows say."""
        t, n, *rest = columns
        t_ms = self._stamps.stamps(t)
        numbers = {name: self._codings[name].values(each) for name, each in zip(_NUMBERS, rest[:-2], strict=True)}
        t_min_ms, t_max_ms = (t_ms + each.astype(np.int64) * self._offset_ms for each in rest[-2:])
        return Buckets(t_ms=t_ms, n=n.astype(np.int64), t_min_ms=t_min_ms, t_max_ms=t_max_ms, **numbers)

    def verify(self) -> None:
        """Read every page; raises StoreDamaged where a checksum does not hold."""
        self._signed.verify()

    @property
    def is_signed(self) -> bool:
        """Whether every byte is covered by a digest; those of a file of an earlier version are not."""
        return self._signed.digests is not None


def _whole(column: Any) -> Int32:
    return numbers_of(one_array(column), np.int32)
