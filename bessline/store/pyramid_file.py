"""The file of a signal's pyramid: all its levels in one Parquet file, with verified page checksums."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bessline.sources.base import Float64, Int64
from bessline.sources.decimals import Int32
from bessline.sources.seconds import SECOND_MS, Seconds, Stamps
from bessline.store.coding import Coding, array_of, encoded, numbers_of, one_array
from bessline.store.columns import Group, RowGroupCache, begin_parquet
from bessline.store.pyramid import FINEST, LEVELS, Buckets, Level, coarser, joined
from bessline.store.signed import appearing, damaged, open_signed
from bessline.store.stamps import MILLISECONDS, SECONDS, StampCoding

ROW_GROUP = 16_384
_MINUTE_MS = 60_000
_NUMBERS, _ENDS = ("sum", "min", "max", "last"), ("tmin", "tmax")


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
    order = sorted(levels, key=LEVELS.__getitem__, reverse=True)
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
        found = joined([self._group(index, width_ms) for index in wanted.tolist()])
        start, stop = np.searchsorted(found.t_ms, low, side="left"), np.searchsorted(found.t_ms, high, side="right")
        found = found.at(slice(start, stop))
        # a bucket that went on when rows were appended stands there again, later
        newest = np.append(found.t_ms[1:] > found.t_ms[:-1], True)[: len(found)]
        return found if newest.all() else found.at(newest)

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

    def _group(self, index: int, width_ms: int) -> Buckets:
        width, *columns = self._cache.get((self.path, index), lambda: self._decode(index))
        # coarser levels stand first
        rows = slice(*np.searchsorted(-width, [-width_ms, -width_ms + 1]).tolist())
        return Buckets(*columns).at(rows)

    def _decode(self, index: int) -> Group:
        table = self._signed.table(index)
        try:
            width = _whole(table.column("level")) * _MINUTE_MS
            t_ms = self._stamps.decode(table.column(1))
            numbers = {name: _numbers(table.column(name)) for name in _NUMBERS}
            tick_ms = SECOND_MS if table.column_names[-1].endswith("_s") else 1
            offsets = [_whole(column) * tick_ms for column in table.columns[-2:]]
        except (pa.ArrowException, KeyError) as error:
            raise damaged(self.path, error) from error
        n = _whole(table.column("n"))
        return (
            width, t_ms, numbers["sum"], n, numbers["min"], numbers["max"], numbers["last"],
            t_ms + offsets[0], t_ms + offsets[1],
        )  # fmt: skip

    def verify(self) -> None:
        """Read every page; raises StoreDamaged where a checksum does not hold."""
        self._signed.verify()

    @property
    def is_signed(self) -> bool:
        """Whether every byte is covered by a digest; those of a file of an earlier version are not."""
        return self._signed.digests is not None


def _numbers(column: Any) -> Float64:
    return Coding.of_type(column.type).decode(column)


def _whole(column: Any) -> Int64:
    return numbers_of(one_array(column), np.int32).astype(np.int64)
