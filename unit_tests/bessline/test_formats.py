"""All formats hold the same values and types, whoever reads them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.formats import EXPORTS, FORMATS, encoded, json_rows
from bessline.store.readings import Readings
from unit_tests.plants import MAY_1

NAN = np.nan
FIELDS = ("fa1_co", "fa1_smoke_flag", "fa1_t1")
#: A float that is whole, one that needs all its digits, a flag that is missing once, half a second.
T_MS = np.array([MAY_1, MAY_1 + 30_500, MAY_1 + 61_001])
COLUMNS = {
    "fa1_co": np.array([-50.0, 0.1 + 0.2, NAN]),
    "fa1_smoke_flag": np.array([1.0, NAN, 0.0]),
    "fa1_t1": np.array([NAN, 1e-7, 3e20]),
}
AGES = {name: np.where(np.isnan(column), NAN, 1.5) for name, column in COLUMNS.items()}
PLAIN = Readings("b1", "safety", T_MS, COLUMNS)
AGED = Readings("b1", "safety", T_MS, COLUMNS, AGES)


def written(name: str, readings: Readings = PLAIN, *, parts: int = 1) -> bytes:
    """`readings` in a format, in so many parts."""
    cuts = [readings.since(int(t) - 1) for t in T_MS[:1]] if parts == 1 else _each_row(readings)
    return b"".join(encoded(FORMATS[name], cuts, topic="safety", fields=FIELDS, ages=readings.ages_s is not None))


def _each_row(readings: Readings) -> list[Readings]:
    ages = readings.ages_s
    return [
        Readings(
            "b1",
            "safety",
            T_MS[i : i + 1],
            {name: column[i : i + 1] for name, column in COLUMNS.items()},
            None if ages is None else {name: column[i : i + 1] for name, column in ages.items()},
        )
        for i in range(len(T_MS))
    ]


def as_json(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as a reader gave them, in the words of the JSON answer; types as they are."""
    return [{str(name): _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _value(part) for name, part in value.items()}
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.item() if isinstance(value, np.generic) else value


def _pandas(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.to_dict("records")  # type: ignore[return-value]


def _pandas_csv(data: bytes, **more: Any) -> list[dict[str, Any]]:
    return _pandas(pd.read_csv(io.BytesIO(data), parse_dates=["timestamp"], dtype_backend="numpy_nullable", **more))


def _duckdb(query: str, data: bytes, folder: Path) -> list[dict[str, Any]]:
    file = folder / "export"
    file.write_bytes(data)
    with duckdb.connect() as connection:
        rows: list[dict[str, Any]] = connection.sql(query.format(file=file)).to_arrow_table().to_pylist()
        return rows


Reader = Callable[[bytes, Path], list[dict[str, Any]]]
READERS: dict[tuple[str, str], Reader] = {
    ("parquet", "pandas"): lambda data, _: _pandas(pd.read_parquet(io.BytesIO(data))),
    ("parquet", "polars"): lambda data, _: pl.read_parquet(data).to_dicts(),
    ("parquet", "pyarrow"): lambda data, _: pq.read_table(io.BytesIO(data)).to_pylist(),
    ("parquet", "duckdb"): lambda data, folder: _duckdb("from read_parquet('{file}')", data, folder),
    ("arrow", "pandas"): lambda data, _: _pandas(pa.ipc.open_stream(data).read_pandas()),
    ("arrow", "polars"): lambda data, _: pl.read_ipc_stream(data).to_dicts(),
    ("arrow", "pyarrow"): lambda data, _: pa.ipc.open_stream(data).read_all().to_pylist(),
    ("arrow", "duckdb"): lambda data, _: (
        duckdb.from_arrow(pa.ipc.open_stream(data).read_all()).to_arrow_table().to_pylist()
    ),
    ("csv", "pandas"): lambda data, _: _pandas_csv(data),
    ("csv", "polars"): lambda data, _: pl.read_csv(data, try_parse_dates=True).to_dicts(),
    ("csv", "pyarrow"): lambda data, _: pa.csv.read_csv(io.BytesIO(data)).to_pylist(),
    ("csv", "duckdb"): lambda data, folder: _duckdb("from read_csv('{file}')", data, folder),
    ("ndjson", "pandas"): lambda data, _: _pandas(
        pd.read_json(io.BytesIO(data), lines=True, dtype_backend="numpy_nullable")
    ),
    ("ndjson", "polars"): lambda data, _: pl.read_ndjson(data).to_dicts(),
    ("ndjson", "pyarrow"): lambda data, _: pa.json.read_json(io.BytesIO(data)).to_pylist(),
    ("ndjson", "duckdb"): lambda data, folder: _duckdb("from read_ndjson('{file}')", data, folder),
}


@pytest.mark.parametrize(("name", "reader"), READERS)
def test_every_reader_finds_the_rows_of_the_json_answer(name: str, reader: str, tmp_path: Path) -> None:
    """Values and types: a float stays a float, a flag a whole number, nothing is nothing, a stamp is in UTC."""
    found = as_json(READERS[name, reader](written(name), tmp_path))
    if name == "ndjson":
        for row in found:  # a reader may leave a text a text
            row["timestamp"] = row["timestamp"].removesuffix("Z") + "Z"
    expected = PLAIN.rows()
    assert found == expected
    assert [list(map(type, row.values())) for row in found] == [list(map(type, row.values())) for row in expected]


@pytest.mark.parametrize("name", ["parquet", "arrow", "ndjson"])
@pytest.mark.parametrize("reader", ["polars", "pyarrow", "duckdb"])
def test_ages_come_with_the_rows(name: str, reader: str, tmp_path: Path) -> None:
    found = as_json(READERS[name, reader](written(name, AGED), tmp_path))
    assert [row["ages_s"] for row in found] == [row["ages_s"] for row in AGED.rows()]


def test_ages_are_columns_of_their_own_in_csv() -> None:
    header, first, *_ = written("csv", AGED).decode().splitlines()
    assert header == "timestamp,fa1_co,fa1_smoke_flag,fa1_t1,ages_s.fa1_co,ages_s.fa1_smoke_flag,ages_s.fa1_t1"
    assert first == "2024-05-01T00:00:00.000Z,-50.0,1,,1.5,1.5,"


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("readings", [PLAIN, AGED])
def test_parts_do_not_show(name: str, readings: Readings, tmp_path: Path) -> None:
    """Three parts of a row each hold what one part of three rows holds."""
    read = READERS[name, "polars"]
    assert read(written(name, readings, parts=3), tmp_path) == read(written(name, readings), tmp_path)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize(("readings", "parts"), [(PLAIN, 2), (AGED, 3)])
def test_a_large_part_is_written_in_blocks_but_a_row_group_is_one(
    name: str, readings: Readings, parts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text of it takes several times its memory, the more of it the wider the rows are: of four columns, and seven."""
    monkeypatch.setattr("bessline.formats._BLOCK_VALUES", 8)
    aged = readings.ages_s is not None
    blocks = list(encoded(FORMATS[name], [readings], topic="safety", fields=FIELDS, ages=aged))
    assert len(blocks) == 1 + (1 if name == "parquet" else parts) + 1
    read = READERS[name, "polars"]
    assert read(b"".join(blocks), tmp_path) == read(written(name, readings), tmp_path)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_part_without_rows_adds_none(name: str) -> None:
    parts = [PLAIN.since(2**60), PLAIN, PLAIN.since(2**60)]
    found = b"".join(encoded(FORMATS[name], parts, topic="safety", fields=FIELDS))
    assert len(found) == len(written(name)) or name == "parquet"
    assert name != "parquet" or pl.read_parquet(found).height == len(PLAIN)


@pytest.mark.parametrize("name", ["parquet", "arrow", "csv"])
def test_no_rows_are_a_table_with_columns(name: str, tmp_path: Path) -> None:
    data = b"".join(encoded(FORMATS[name], [], topic="safety", fields=FIELDS))
    assert READERS[name, "polars"](data, tmp_path) == []
    assert written(name).startswith(data[:40]) or name == "parquet"


def test_no_rows_are_no_lines() -> None:
    assert b"".join(encoded(FORMATS["ndjson"], [], topic="safety", fields=FIELDS)) == b""
    assert json_rows(PLAIN.since(2**60)) == b"[]"


@pytest.mark.parametrize("readings", [PLAIN, AGED])
def test_the_json_answer_is_the_rows(readings: Readings) -> None:
    assert orjson.loads(json_rows(readings)) == readings.rows()
    assert b"-50.0" in json_rows(readings)


@given(st.lists(st.floats(allow_infinity=False) | st.integers(-(2**53), 2**53).map(float), min_size=1, max_size=60))
def test_a_list_of_rows_has_the_text_of_the_lines(values: list[float]) -> None:
    """Very large and very small numbers, negative zeros and missing ones too."""
    readings = Readings("b1", "bms", np.arange(len(values)), {"soc": np.array(values)})
    lines = b"".join(encoded(FORMATS["ndjson"], [readings], topic="bms", fields=("soc",)))
    assert json_rows(readings) == b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]"
    found = [row["soc"] for row in orjson.loads(json_rows(readings))]
    assert found == [None if value != value else value for value in values]


def test_parquet_has_page_checksums(tmp_path: Path) -> None:
    """A flipped bit in the middle is found."""
    data = bytearray(written("parquet"))
    column = pq.read_metadata(io.BytesIO(data)).row_group(0).column(1)
    data[column.data_page_offset + column.total_compressed_size - 30] ^= 1
    with pytest.raises(OSError, match=r"(?i)crc|checksum|corrupt|deserialize"):
        pq.read_table(io.BytesIO(bytes(data)), page_checksum_verification=True)


def test_no_fields_are_stamps_alone() -> None:
    bare = Readings("b1", "safety", T_MS, {}, {})
    data = b"".join(encoded(FORMATS["parquet"], [bare], topic="safety", fields=(), ages=True))
    assert pl.read_parquet(data).columns == ["timestamp"]
