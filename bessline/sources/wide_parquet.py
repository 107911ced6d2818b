"""A Parquet table as batches of UTC rows. Row numbers stand where a CSV has line numbers; the first row is 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bessline.errors import SourceError, ZoneMissing
from bessline.sources.base import Float64, Int64, Note, Rejects
from bessline.sources.batch import Batch
from bessline.sources.csv_blocks import unreadable
from bessline.sources.csv_head import missing_column
from bessline.sources.csv_parse import is_fractional
from bessline.sources.csv_table import ZONE_HINT, Zone
from bessline.sources.local_time import LocalTime, Mask
from bessline.sources.text_cells import Ledger, numbers, reject_cells, settle, stamped

_BATCH_ROWS = 65_536
#: Column chunks are read piece by piece, so that one giant row group does not fill the memory.
_BUFFER_BYTES = 1 << 20
_TICKS_PER_MS = {"us": 1_000, "ns": 1_000_000}


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """The `columns` of the table `path`, those in `whole` being whole numbers, its stamps in column `timestamp`."""

    path: Path
    timestamp: str
    columns: tuple[str, ...]
    whole: frozenset[str]
    zone: Zone

    def check(self) -> None:
        """Check columns, types and zone against the schema.

        Raises
        ------
        SourceError
            for a missing column, one that holds no numbers, and a file that is no Parquet.
        ZoneMissing
            where the stamps are naive and no zone is known.
        """
        with _opened(self.path) as file:
            self._check(file.schema_arrow)

    def read(self) -> Iterator[Batch | Rejects | Note]:
        """Read the table in bounded memory; page checksums are verified where the file has them."""
        clock, row = self.zone.clock(), 1
        with _opened(self.path) as file:
            self._check(file.schema_arrow)
            wanted = list(dict.fromkeys((self.timestamp, *self.columns)))
            for table in file.iter_batches(batch_size=_BATCH_ROWS, columns=wanted, use_threads=False):
                table.validate(full=True)
                ledger = Ledger()
                yield self._batch(table, row, clock=clock, ledger=ledger)
                rejects = ledger.rejects()
                if rejects is not None:
                    yield rejects
                row += table.num_rows
        if clock is not None:
            yield from clock.notes()

    def _check(self, schema: pa.Schema) -> None:
        for name in (self.timestamp, *self.columns):
            if schema.get_field_index(name) < 0:
                raise missing_column(name, tuple(schema.names), path=self.path)
        for name in self.columns:
            kind = _plain(schema.field(name).type)
            if not _is_number(kind) and not _is_text(kind):
                raise SourceError(f"column {name!r} holds {kind}, not numbers", path=self.path)
        kind = _plain(schema.field(self.timestamp).type)
        if not pa.types.is_timestamp(kind) and not pa.types.is_date(kind) and not _is_text(kind):
            raise SourceError(f"column {self.timestamp!r} holds {kind}, not timestamps", path=self.path)
        if self.zone.name is None and not _is_text(kind) and getattr(kind, "tz", None) is None:
            raise ZoneMissing(ZONE_HINT, path=self.path)

    def _batch(self, table: pa.RecordBatch, row: int, *, clock: LocalTime | None, ledger: Ledger) -> Batch:
        lines = np.arange(row, row + table.num_rows, dtype=np.int64)
        t_ms, good = _stamps(_decoded(table.column(self.timestamp)), lines, clock=clock, ledger=ledger)
        values, bad = [], []
        for name in self.columns:
            value, wrong = _numbers(
                _decoded(table.column(name)), lines, name=name, whole=name in self.whole, ledger=ledger
            )
            values.append(value[good])
            bad.append(None if wrong is None else wrong[good])
        return Batch(t_ms[good], tuple(values), tuple(bad))


def column_names(path: Path) -> tuple[str, ...]:
    """The columns of the table `path`.

    Raises
    ------
    SourceError
        it cannot be read, or is no Parquet.
    """
    with _opened(path) as file:
        return tuple(file.schema_arrow.names)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    """The open file; whatever Arrow finds wrong with it until the end becomes a SourceError."""
    try:
        with path.open("rb") as handle:
            yield pq.ParquetFile(handle, page_checksum_verification=True, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except pa.ArrowException as error:
        raise _damaged(path, error) from error
    except OSError as error:
        # Arrow reports damaged pages as an OSError, too, but one without a number of the system's
        raise (unreadable(path, error) if error.errno else _damaged(path, error)) from error


def _damaged(path: Path, error: Exception) -> SourceError:
    what = str(error).splitlines()[0][:200]
    return SourceError(f"is no Parquet file, or a truncated or damaged one ({what}); export it again", path=path)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_number(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean, pa.types.is_null)
    return any(test(kind) for test in tests)


def _frame(lines: Int64, column: pa.Array) -> pl.DataFrame:
    return pl.DataFrame({"line": lines, "text": _texts(column)})


def _texts(column: pa.Array) -> pl.Series:
    return pl.Series("text", column.cast(pa.string()), dtype=pl.String).fill_null("")


def _stamps(column: pa.Array, lines: Int64, *, clock: LocalTime | None, ledger: Ledger) -> tuple[Int64, Mask]:
    """Stamps as int64[n] UTC milliseconds, and bool[n], those that could be taken."""
    if _is_text(column.type):
        frame = _frame(lines, column)
        kept, t_ms = stamped(frame, frame["text"], clock=clock, ledger=ledger)
        good = np.isin(lines, kept["line"].to_numpy())
        everywhere = np.zeros(len(lines), np.int64)
        everywhere[good] = t_ms
        return everywhere, good
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("ms"))
    kind, missing = column.type, column.is_null().to_numpy(zero_copy_only=False)
    ticks = column.cast(pa.int64()).fill_null(0).to_numpy().copy()
    t_ms = ticks * 1000 if kind.unit == "s" else ticks // _TICKS_PER_MS.get(kind.unit, 1)
    state = np.where(missing, -1, 0 if kind.tz is None else 1).astype(np.int64)

    def rows(mask: Mask) -> pl.DataFrame:
        return _frame(lines[mask], column.filter(pa.array(mask))).with_columns(stamp=pl.col("text"))

    return t_ms, settle(t_ms, state, rows, clock=clock, ledger=ledger)


def _numbers(column: pa.Array, lines: Int64, *, name: str, whole: bool, ledger: Ledger) -> tuple[Float64, Mask | None]:
    """Values as float64[n], NaN for null, and bool[n], those that could not be taken (``None``: all could)."""
    if _is_text(column.type):
        value, bad = numbers(_texts(column), whole=whole)
    else:
        number = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        value = number.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        wrong = np.isinf(value) | is_fractional(value) if whole else np.isinf(value)
        bad = wrong if wrong.any() else None
    if bad is not None:
        frame = _frame(lines[bad], column.filter(pa.array(bad)))
        every = np.ones(len(frame), np.bool_)
        reject_cells(frame, frame["text"], every, column=name, whole=whole, ledger=ledger)
    return value, bad
