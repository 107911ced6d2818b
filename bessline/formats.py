"""Formats: readings as bytes. All hold the same values and types; each is written part by part, in bounded memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bessline.store.readings import Readings
from bessline.store.tables import AGES, STAMP, columns_of, schema_of, table_of

#: RFC 3339 in UTC, as the contract writes time.
_RFC3339 = "%Y-%m-%dT%H:%M:%S%.3fZ"
#: A block holds about so many values, ages included: as text they take thirty times the room.
_BLOCK_VALUES = 7 << 16


class Encoder(Protocol):
    """Makes bytes of tables of one schema."""

    def begin(self) -> bytes:
        """What stands before the first row."""
        ...

    def part(self, table: pa.Table) -> bytes:
        """Some rows."""
        ...

    def end(self) -> bytes:
        """What stands behind the last row."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write readings; `name` is its suffix, too.

    Parameters
    ----------
    media_types: the first is the one that is answered, the others are understood.
    encoder: None for one that only holds a page.
    text: whether it is worth compressing.
    whole: whether a part is best written as one block, as a row group is; of others large parts only take memory.
    """

    name: str
    media_types: tuple[str, ...]
    encoder: Callable[[pa.Schema], Encoder] | None
    text: bool
    whole: bool = False


class _Lines:
    """NDJSON: a row a line."""

    def __init__(self, schema: pa.Schema) -> None:
        pass

    def begin(self) -> bytes:
        return b""

    def part(self, table: pa.Table) -> bytes:
        return json_lines(table)

    def end(self) -> bytes:
        return b""


class _Csv:
    """A header, then rows; a missing value is empty. The ages of values are columns ``ages_s.<field>``."""

    def __init__(self, schema: pa.Schema) -> None:
        self._empty = schema.empty_table()

    def begin(self) -> bytes:
        return _flat(self._empty).write_csv().encode()

    def part(self, table: pa.Table) -> bytes:
        return _flat(table).write_csv(include_header=False, datetime_format=_RFC3339).encode()

    def end(self) -> bytes:
        return b""


class Pipe(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What was written since it was last taken."""
        taken = b"".join(self._held)
        self._held.clear()
        return taken


class _Parquet:
    """A row group a part, compressed, with page checksums."""

    def __init__(self, schema: pa.Schema) -> None:
        self._pipe = Pipe()
        self._writer = pq.ParquetWriter(
            self._pipe, schema, compression="zstd", compression_level=1, write_page_checksum=True
        )

    def begin(self) -> bytes:
        return self._pipe.take()

    def part(self, table: pa.Table) -> bytes:
        self._writer.write_table(table, row_group_size=max(1, len(table)))
        return self._pipe.take()

    def end(self) -> bytes:
        self._writer.close()
        return self._pipe.take()


class _Arrow:
    """The stream form of Arrow's IPC."""

    def __init__(self, schema: pa.Schema) -> None:
        self._pipe = Pipe()
        self._writer = pa.ipc.new_stream(self._pipe, schema)

    def begin(self) -> bytes:
        return self._pipe.take()

    def part(self, table: pa.Table) -> bytes:
        self._writer.write_table(table)
        return self._pipe.take()

    def end(self) -> bytes:
        self._writer.close()
        return self._pipe.take()


JSON = Format("json", ("application/json",), None, text=True)
FORMATS = {
    found.name: found
    for found in (
        JSON,
        Format("ndjson", ("application/x-ndjson", "application/ndjson", "application/jsonl"), _Lines, text=True),
        Format("csv", ("text/csv",), _Csv, text=True),
        Format(
            "parquet", ("application/vnd.apache.parquet", "application/x-parquet"), _Parquet, text=False, whole=True
        ),
        Format("arrow", ("application/vnd.apache.arrow.stream",), _Arrow, text=False),
    )
}
#: Those that hold any number of readings.
EXPORTS = tuple(name for name, found in FORMATS.items() if found.encoder is not None)


def encoded(
    wanted: Format, parts: Iterable[Readings], *, topic: str, fields: tuple[str, ...], ages: bool = False
) -> Iterator[bytes]:
    """`parts` of readings of `topic` with these `fields` as bytes in one of `EXPORTS`, block by block."""
    assert wanted.encoder is not None, f"{wanted.name} holds a page only"
    encoder = wanted.encoder(schema_of(topic, fields, ages=ages))
    yield encoder.begin()
    for part in parts:
        table = table_of(part)
        rows = max(1, len(table) if wanted.whole else _BLOCK_VALUES // (1 + len(fields) * (1 + ages)))
        for at in range(0, len(table), rows):
            yield encoder.part(table.slice(at, rows))
    yield encoder.end()


def json_lines(table: pa.Table) -> bytes:
    """A JSON object a row and line; made in columns, outside the interpreter's lock, on several cores."""
    written = io.BytesIO()
    _texts(table).write_ndjson(written)
    return written.getvalue()


def json_rows(readings: Readings) -> bytes:
    """A JSON list of rows: the same text as that of `json_lines`, made by this thread alone, column by column.

    polars would share a table's columns among its threads: to wait for those takes longer than a page of rows does.

    >>> import numpy as np
    >>> json_rows(Readings("b1", "bms", np.array([0, 500]), {"soc": np.array([50.0, np.nan])}))
    b'[{"timestamp":"1970-01-01T00:00:00.000Z","soc":50.0},{"timestamp":"1970-01-01T00:00:00.500Z","soc":null}]'
    """
    if not len(readings):
        return b"[]"
    written = io.BytesIO()
    pl.DataFrame(columns_of(readings)).write_json(written)
    return written.getvalue()


def _texts(table: pa.Table) -> pl.DataFrame:
    """The rows with stamps as JSON has them."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.replace_column(0, frame.get_column(STAMP).dt.to_string(_RFC3339))


def _flat(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    if AGES in frame.columns:
        ages = frame.get_column(AGES).struct.unnest()
        named = {name: f"{AGES}.{name}" for name in ages.columns}
        frame = frame.drop(AGES).hstack(ages.rename(named))
    return frame
