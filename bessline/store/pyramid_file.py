"""The file of a signal's pyramid: all its levels in one Parquet file, with verified page checksums."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bessline.errors import StoreDamaged
from bessline.sources.base import Int64
from bessline.store.columns import Group, RowGroupCache, damaged, stamp_ms
from bessline.store.pyramid import FINEST, LEVELS, NO_BUCKETS, Buckets, Level, coarser, joined

ROW_GROUP = 16_384
#: `level` is the width in minutes; `tmin` and `tmax` count milliseconds from `t`, which takes a third of the bytes.
SCHEMA = pa.schema(
    [
        ("level", pa.int32()),
        ("t", pa.timestamp("ms", "UTC")),
        ("sum", pa.float64()),
        ("n", pa.int32()),
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("last", pa.float64()),
        ("tmin", pa.int32()),
        ("tmax", pa.int32()),
    ]
)
_MINUTE_MS = 60_000


def levels_of(finest: Buckets) -> dict[Level, Buckets]:
    """All levels from the finest one, each from the one before."""
    levels: dict[Level, Buckets] = {}
    below: Level = FINEST
    for level in LEVELS:
        levels[level] = coarser(levels.get(below, finest), level, of=below)
        below = level
    return levels


def write_pyramid(path: Path, levels: Mapping[Level, Buckets]) -> int:
    """Write the buckets of each level to `path`, which appears whole or not at all; returns its size in bytes.

    It is not forced to disk: who names it in the manifest sees to that.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with pq.ParquetWriter(
            temporary,
            SCHEMA,
            compression="zstd",
            use_dictionary=["level", "sum", "n", "min", "max", "last", "tmin", "tmax"],
            column_encoding={"t": "DELTA_BINARY_PACKED"},
            write_statistics=["level", "t"],
            write_page_checksum=True,
            store_schema=False,
        ) as writer:
            for level, buckets in levels.items():
                if len(buckets):
                    writer.write_table(_table(level, buckets), row_group_size=ROW_GROUP)
        size = temporary.stat().st_size
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return size


def _table(level: Level, buckets: Buckets) -> pa.Table:
    columns = [
        np.full(len(buckets), LEVELS[level] // _MINUTE_MS, np.int32),
        pa.array(buckets.t_ms).cast(SCHEMA.field("t").type),
        buckets.sum,
        buckets.n.astype(np.int32),
        buckets.min,
        buckets.max,
        buckets.last,
        (buckets.t_min_ms - buckets.t_ms).astype(np.int32),
        (buckets.t_max_ms - buckets.t_ms).astype(np.int32),
    ]
    return pa.Table.from_arrays([pa.array(column) for column in columns], schema=SCHEMA)


class PyramidFile:
    """Buckets by level and time from a file of `write_pyramid`. Safe to share between threads.

    Raises
    ------
    StoreDamaged
        at opening and at reading: the file is missing or does not hold together.
    """

    def __init__(self, path: Path, cache: RowGroupCache) -> None:
        self.path, self._cache = path, cache
        try:
            self._metadata = pq.read_metadata(path)
            groups = [self._metadata.row_group(i) for i in range(self._metadata.num_row_groups)]
            bounds = [group.column(1).statistics for group in groups]
            minutes = [group.column(0).statistics.min for group in groups]
            self._first_ms = np.array([stamp_ms(bound.min) for bound in bounds], np.int64)
            self._last_ms = np.array([stamp_ms(bound.max) for bound in bounds], np.int64)
        except (pa.ArrowException, OSError, AttributeError) as error:
            raise damaged(path, error) from error
        self._width_ms: Int64 = np.array(minutes, np.int64) * _MINUTE_MS

    def between(self, level: Level, first_ms: int, last_ms: int) -> Buckets:
        """The buckets of `level` that hold an instant of first_ms <= t <= last_ms."""
        width_ms = LEVELS[level]
        low, high = first_ms // width_ms * width_ms, last_ms
        wanted = (self._width_ms == width_ms) & (self._last_ms >= low) & (self._first_ms <= high)
        found = joined([self._group(index) for index in np.flatnonzero(wanted).tolist()])
        start, stop = np.searchsorted(found.t_ms, low, side="left"), np.searchsorted(found.t_ms, high, side="right")
        return found.at(slice(start, stop)) if len(found) else NO_BUCKETS

    def _group(self, index: int) -> Buckets:
        return Buckets(*self._cache.get((self.path, index), lambda: self._decode(index)))

    def _decode(self, index: int) -> Group:
        try:
            with pq.ParquetFile(self.path, metadata=self._metadata, page_checksum_verification=True) as file:
                table = file.read_row_group(index, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.path, error) from error
        level, t_ms, sums, n, low, high, last, at_low, at_high = (
            (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_numpy()
            for column in table.columns
        )
        if not (level == self._width_ms[index] // _MINUTE_MS).all():
            raise StoreDamaged("is damaged (a level stands where another one should)", path=self.path)
        return t_ms, sums, n.astype(np.int64), low, high, last, t_ms + at_low, t_ms + at_high

    def verify(self) -> None:
        """Read every page; raises StoreDamaged where a checksum does not hold."""
        for index in range(len(self._width_ms)):
            self._decode(index)
