"""Series as one Arrow table, a batch each: long, so that many signals are one frame."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from bessline.sources.base import Float64
from bessline.store.series import Series, Wish

ARROW = "application/vnd.apache.arrow.stream"
SCHEMA = pa.schema(
    [
        ("device_id", pa.dictionary(pa.int32(), pa.string())),
        ("signal", pa.dictionary(pa.int32(), pa.string())),
        ("resolution", pa.dictionary(pa.int32(), pa.string())),
        ("drawn", pa.dictionary(pa.int32(), pa.string())),
        ("t", pa.timestamp("ms", "UTC")),
        ("v", pa.float64()),
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("sum", pa.float64()),
    ]
)


def arrow_stream(found: Sequence[tuple[Wish, Series]]) -> bytes:
    """The series as an Arrow IPC stream. A gap is a row whose values are null; so are min and max of raw rows."""
    tables = [_table(wish, drawn) for wish, drawn in found]
    whole = pa.concat_tables(tables).unify_dictionaries()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        writer.write_table(whole)
    stream: bytes = sink.getvalue().to_pybytes()
    return stream


def _table(wish: Wish, drawn: Series) -> pa.Table:
    rows = len(drawn.t_ms)
    names = (wish.device_id, wish.name, drawn.resolution, drawn.drawn)
    columns = [_repeated(name, rows) for name in names]
    columns.append(pa.array(drawn.t_ms, pa.int64()).cast(pa.timestamp("ms", "UTC")))
    columns += [_floats(column, rows) for column in (drawn.value, drawn.low, drawn.high, drawn.total)]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _repeated(name: str, rows: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), rows), pa.array([name]))


def _floats(column: Float64 | None, rows: int) -> pa.Array:
    return pa.nulls(rows, pa.float64()) if column is None else pa.array(column, pa.float64(), from_pandas=True)
