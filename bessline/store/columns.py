"""The store's only writer and reader of Parquet: time-sorted columns with verified page checksums."""

from __future__ import annotations

import os
from contextlib import suppress
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bessline.sources.base import Float64, Int64
from bessline.sources.decimals import Numbers, joined
from bessline.sources.seconds import Stamps, joined_stamps
from bessline.store.coding import Coding
from bessline.store.form import Form
from bessline.store.row_group_cache import ROW_GROUP, Group, RowGroupCache
from bessline.store.signed import MARK, damaged, open_signed, sign
from bessline.store.stamps import MILLISECONDS, SECONDS, StampCoding

#: Values that are encoded at once: as many as the processor's nearest cache holds.
_AT_ONCE = 8192
_ROWS = {SECONDS.name, MILLISECONDS.name, "value"}


class ColumnWriter:
    """Writes strictly rising stamps (and values) to `path`, which appears whole at `close` or not at all.

    It is not forced to disk: who names it in the manifest sees to that. Memory is bounded by one row group. Use as a
    context manager: an exception leaves nothing behind.
    """

    def __init__(self, path: Path, *, values: bool = True) -> None:
        self.path, self.rows = path, 0
        self._empty = np.empty(0) if values else None
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._temporary.touch()
        self._form: Form | None = None
        self._writer: Any = None
        self._held: list[tuple[Stamps, Numbers | None]] = []
        self._held_rows = 0

    def append(self, stamps: Stamps, value: Numbers | None = None) -> None:
        """Add n stamps, all later than those before, and n values (NaN becomes null)."""
        self._held.append((stamps, value))
        self._held_rows += len(stamps)
        if self._held_rows >= ROW_GROUP:
            self._flush(keep=self._held_rows % ROW_GROUP)

    def _flush(self, *, keep: int) -> None:
        stamps = joined_stamps([part for part, _ in self._held])
        value = None if self._empty is None else joined([v for _, v in self._held if v is not None])
        cut = len(stamps) - keep
        for start in range(0, cut, ROW_GROUP):
            rows = slice(start, min(start + ROW_GROUP, cut))
            self._write(stamps[rows], None if value is None else value[rows])
        self._held = [(stamps[cut:], None if value is None else value[cut:])] if keep else []
        self._held_rows = keep

    def _write(self, stamps: Stamps, value: Numbers | None) -> None:
        table = None if self._form is None else self._form.table(stamps, value)
        if table is None:
            form = Form.of(stamps, value, beyond=self._form)
            self._recode(form)
            table = form.table(stamps, value)
        self._writer.write_table(table, row_group_size=ROW_GROUP)
        self.rows += len(stamps)

    def _begin(self, form: Form) -> None:
        self._form, self._writer = form, begin_parquet(self._temporary, form.schema)

    def _recode(self, form: Form) -> None:
        """Go on in another form; what is written already is written anew in it."""
        if self._writer is None:
            self._begin(form)
            return
        self._writer.close()
        sign(self._temporary)
        before = self._temporary.with_suffix(".before")
        self._temporary.replace(before)
        try:
            self._begin(form)
            written, self.rows = ColumnFile(before, RowGroupCache(max_bytes=1)), 0
            for index in range(len(written.first_ms)):
                self._write(*written.group(index))
        finally:
            before.unlink()

    def close(self) -> int:
        """Finish and give the file its name; returns its size in bytes."""
        if self._held_rows:
            self._flush(keep=0)
        if self._writer is None:
            self._begin(Form.of(np.empty(0, np.int64), self._empty))
        self._writer.close()
        size = sign(self._temporary)
        self._temporary.replace(self.path)
        return size

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._writer is not None:
            with suppress(OSError, pa.ArrowException):  # a full disk refuses the footer of what is thrown away, too
                self._writer.close()
        self._temporary.unlink(missing_ok=True)


def begin_parquet(path: Path | pa.NativeFile, schema: Any) -> Any:
    """A writer of the house's form, with checked pages. Whoever closes it signs the file.

    Rows stand as differences, and floats in a dictionary. The numbers of buckets stand by their bytes, all first ones
    before all second ones, most of which are alike: they take three quarters of the time that differences would.
    """
    floats = {field.name for field in schema if pa.types.is_floating(field.type)}
    rows, buckets = _ROWS - floats, set(schema.names) - _ROWS - floats
    codecs = dict.fromkeys(rows, "none") | dict.fromkeys(buckets, "lz4") | dict.fromkeys(floats, "zstd")
    return pq.ParquetWriter(
        path,
        schema.with_metadata(MARK),
        compression=codecs | {MILLISECONDS.name: "snappy"},
        use_dictionary=[*floats] or False,
        column_encoding=dict.fromkeys(rows, "DELTA_BINARY_PACKED") | dict.fromkeys(buckets, "BYTE_STREAM_SPLIT"),
        write_statistics=[SECONDS.name, MILLISECONDS.name, "level"],
        write_page_checksum=True,
        store_decimal_as_integer=True,
        write_batch_size=_AT_ONCE,
    )


class ColumnFile:
    """Random access by time or by position to a file of `ColumnWriter`. Safe to share between threads.

    Only the row-group index is held (three arrays of int64[groups]); row groups are decoded through `cache`.
    Without `values` it gives stamps alone, as if it were the file of a timeline, at half the cost.
    """

    def __init__(self, path: Path, cache: RowGroupCache, *, values: bool = True) -> None:
        self.path, self._cache = path, cache
        self._signed = open_signed(path)
        metadata = self._signed.metadata
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        try:
            self._stamps = StampCoding.of_names(metadata.schema.names)
            bounds = [group.column(0).statistics for group in groups]
            # as they stand in the file: datetimes of them cost ten times as much
            self.first_ms = self._stamps.bounds([bound.min_raw for bound in bounds])
            self.last_ms = self._stamps.bounds([bound.max_raw for bound in bounds])
        except (pa.ArrowException, AttributeError, IndexError, TypeError) as error:
            raise damaged(path, error) from error
        self._columns = None if values else [self._stamps.name]
        self.starts = np.concatenate([[0], np.cumsum([group.num_rows for group in groups])]).astype(np.int64)

    @property
    def rows(self) -> int:
        return int(self.starts[-1])

    def through(self, cache: RowGroupCache) -> ColumnFile:
        """The same file, read through another cache."""
        same = copy(self)
        same._cache = cache
        return same

    def group(self, index: int) -> tuple[Int64, Float64 | None]:
        """Row group `index`: stamps int64[n] and values float64[n] (``None`` in a timeline). Read-only arrays."""
        stamps, *number = self._held(index)
        return self._stamps.stamps(stamps), self._coding.values(*number) if number else None

    def _held(self, index: int) -> Group:
        """Its columns as they stand in the file: to make stamps and values of the wanted rows alone is soon done."""
        return self._cache.get((self.path, index), lambda: self._decode(index))

    @cached_property
    def _coding(self) -> Coding:
        return Coding.of_type(self._signed.metadata.schema.to_arrow_schema().field("value").type)

    def verify(self) -> None:
        """Read every page; raises StoreDamaged where a checksum does not hold."""
        self._signed.verify()

    @property
    def is_signed(self) -> bool:
        """Whether every byte is covered by a digest; those of a file of an earlier version are not."""
        return self._signed.digests is not None

    def _decode(self, index: int) -> Group:
        stamps, *value = self._signed.table(index, self._columns).columns
        return self._stamps.numbers(stamps), *(number for column in value for number in self._coding.numbers(column))

    def between(self, first_ms: int, last_ms: int) -> tuple[Int64, Float64]:
        """All rows with first_ms <= t <= last_ms."""
        start = int(self.last_ms.searchsorted(first_ms, side="left"))
        stop = int(self.first_ms.searchsorted(last_ms, side="right"))
        # joined as they stand in the file, half as wide as what is made of them
        stamps, *number = _joined([self._cut(index, first_ms, last_ms) for index in range(start, stop)])
        return self._stamps.stamps(stamps), self._coding.values(*number) if number else np.empty(0)

    def _cut(self, index: int, first_ms: int, last_ms: int) -> Group:
        columns = self._held(index)
        low = self._stamps.search(columns[0], first_ms, side="left")
        high = self._stamps.search(columns[0], last_ms, side="right")
        return tuple(column[low:high] for column in columns)

    def position(self, t_ms: int) -> int:
        """How many rows stand before the instant `t_ms`."""
        index = int(np.searchsorted(self.last_ms, t_ms, side="left"))
        if index == len(self.last_ms):
            return self.rows
        if t_ms <= self.first_ms[index]:
            return int(self.starts[index])
        return int(self.starts[index]) + self._stamps.search(self._held(index)[0], t_ms, side="left")

    def stamps(self, start: int, stop: int) -> Int64:
        """The stamps at positions [start, stop), int64[stop - start]."""
        start, stop = max(start, 0), min(stop, self.rows)
        if start >= stop:
            return np.empty(0, np.int64)
        first = int(np.searchsorted(self.starts, start, side="right")) - 1
        last = int(np.searchsorted(self.starts, stop, side="left"))
        parts = [self._held(index)[0] for index in range(first, last)]
        stamps = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return self._stamps.stamps(stamps[start - self.starts[first] : stop - self.starts[first]])


def _joined(groups: list[Group]) -> Group:
    """Pieces of row groups of a file as one. Those without the column that says what is missing miss nothing."""
    if len(groups) == 1:
        return groups[0]
    if not groups:
        return (np.empty(0, np.int64),)
    return tuple(
        np.concatenate([group[at] if at < len(group) else np.zeros(len(group[0]), bool) for group in groups])
        for at in range(max(map(len, groups)))
    )
