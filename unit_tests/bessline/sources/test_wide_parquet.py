"""Parquet tables of every kind, and what is wrong with some."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bessline.errors import SourceError, ZoneMissing
from bessline.sources.base import Rejects
from bessline.sources.batch import Batch
from bessline.sources.csv_table import Zone
from bessline.sources.decimals import value_of
from bessline.sources.wide_parquet import ParquetTable
from unit_tests.bessline.sources.reading import stamp

DAY = datetime(2024, 5, 1)
DAY_UTC = "2024-05-01T00:00:00"


def table(path: Path, columns: dict[str, pa.Array], *, zone: str | None = "UTC", whole: str = "") -> ParquetTable:
    pq.write_table(pa.table(columns), path)
    return ParquetTable(path, "t", tuple(name for name in columns if name != "t"), frozenset(whole.split()), Zone(zone))


def read(source: ParquetTable) -> tuple[list[str], list[list[float]], list[dict[str, object]]]:
    stamps: list[str] = []
    values: list[list[float]] = [[] for _ in source.columns]
    rejected: list[dict[str, object]] = []
    for part in source.read():
        if isinstance(part, Batch):
            stamps += [stamp(t) for t in part.t_ms]
            for n, value in enumerate(part.values):
                values[n] += value_of(value).tolist()
        elif isinstance(part, Rejects):
            rejected += part.table.to_pylist()
    return stamps, values, rejected


@pytest.mark.parametrize(
    "column",
    [
        *(pa.array([DAY], pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")),
        pa.array([DAY], pa.timestamp("us", "Asia/Shanghai")),
        pa.array([date(2024, 5, 1)], pa.date32()),
        pa.array(["2024-05-01 00:00:00"]),
        pa.array(["2024-05-01T02:00:00+02:00"]).dictionary_encode(),
    ],
)
def test_stamps_of_every_type_are_read(tmp_path: Path, column: pa.Array) -> None:
    """Naive ones in the zone given, aware ones in their own."""
    assert read(table(tmp_path / "t.parquet", {"t": column, "v": pa.array([1])}))[0] == [DAY_UTC]


@pytest.mark.parametrize(
    "column",
    [pa.array([1], pa.int64()), pa.array([1], pa.uint8()), pa.array([1.0], pa.float32()), pa.array([True]),
     pa.array([Decimal("1.00")]), pa.array(["1"]), pa.array([" 1.0 "], pa.large_string()),
     pa.array(["1"]).dictionary_encode()],
)  # fmt: skip
def test_numbers_of_every_type_are_read(tmp_path: Path, column: pa.Array) -> None:
    """Also numbers that somebody kept as text."""
    assert read(table(tmp_path / "t.parquet", {"t": pa.array([DAY]), "v": column}))[1] == [[1.0]]


def test_bad_cells_and_stamps_are_named_by_row(tmp_path: Path) -> None:
    """Row 1 is the first; a bad cell costs only itself, a bad stamp its row."""
    source = table(
        tmp_path / "t.parquet",
        {
            "t": pa.array([DAY, None, DAY, DAY]),
            "a": pa.array([1.0, 2.0, float("inf"), None]),
            "b": pa.array(["1", "2", "3", "x"]),
            "c": pa.array([1.0, 1.0, 0.5, 1.0]),
        },
        whole="c",
    )
    stamps, values, rejected = read(source)
    assert stamps == [DAY_UTC] * 3
    assert str(values[0]) == "[1.0, inf, nan]"
    assert [(row["line"], str(row["reason"]).split(" is ")[0]) for row in rejected] == [
        (2, "''"), (3, "a: 'inf'"), (3, "c: '0.5'"), (4, "b: 'x'"),
    ]  # fmt: skip
    (batch,) = (part for part in source.read() if isinstance(part, Batch))
    assert [None if bad is None else bad.tolist() for bad in batch.bad] == [
        [False, True, False], [False, False, True], [False, True, False],
    ]  # fmt: skip


def test_local_stamps_know_both_days_of_summer_time(tmp_path: Path) -> None:
    """The missing hour is rejected with its row."""
    local = [datetime(2024, 3, 31, hour, 30) for hour in (1, 2, 3)]
    source = table(tmp_path / "t.parquet", {"t": pa.array(local), "v": pa.array([1, 2, 3])}, zone="Europe/Berlin")
    stamps, _, rejected = read(source)
    assert stamps == ["2024-03-31T00:30:00", "2024-03-31T01:30:00"]
    assert [row["line"] for row in rejected] == [2]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"t": pa.array([DAY]), "v": pa.array([[1]])}, "column 'v' holds list"),
        ({"t": pa.array([1]), "v": pa.array([1])}, "column 't' holds int64, not timestamps"),
        ({"time": pa.array([DAY]), "v": pa.array([1])}, "has no column 't'"),
    ],
)
def test_columns_that_cannot_be_read_are_named(tmp_path: Path, columns: dict[str, pa.Array], says: str) -> None:
    """Before a single row is."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(columns), path)
    with pytest.raises(SourceError, match=says):
        ParquetTable(path, "t", ("v",), frozenset(), Zone("UTC")).check()


def test_a_missing_column_is_answered_with_its_nearest(tmp_path: Path) -> None:
    """Names of exports are long and alike."""
    source = table(tmp_path / "t.parquet", {"t": pa.array([DAY]), "P_AC_batt1": pa.array([1])})
    wrong = ParquetTable(source.path, "t", ("P_AC_bat1",), frozenset(), Zone("UTC"))
    with pytest.raises(SourceError, match="has no column 'P_AC_bat1'; did you mean 'P_AC_batt1'"):
        list(wrong.read())


def test_naive_stamps_without_a_zone_are_refused(tmp_path: Path) -> None:
    """And the message says where to put it."""
    source = table(tmp_path / "t.parquet", {"t": pa.array([DAY]), "v": pa.array([1])}, zone=None)
    with pytest.raises(ZoneMissing, match="--timezone"):
        source.check()
    table(
        tmp_path / "u.parquet", {"t": pa.array([DAY], pa.timestamp("ms", "UTC")), "v": pa.array([1])}, zone=None
    ).check()


def test_truncated_or_corrupt_files_are_refused_at_any_cut(tmp_path: Path) -> None:
    """No wrong value and no other error, wherever the file ends or a byte is turned."""
    path, broken = tmp_path / "t.parquet", tmp_path / "broken.parquet"
    stamps = pa.array(range(1_714_521_600_000, 1_714_521_600_000 + 5000), pa.timestamp("ms"))
    pq.write_table(pa.table({"t": stamps, "v": pa.array(range(5000))}), path, write_page_checksum=True)
    data = path.read_bytes()
    for cut in (0, 3, 100, len(data) // 2, len(data) - 1):
        broken.write_bytes(data[:cut])
        with pytest.raises(SourceError, match="truncated or damaged"):
            read(ParquetTable(broken, "t", ("v",), frozenset(), Zone("UTC")))
    for place in range(60, len(data) // 2, len(data) // 20):
        broken.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(SourceError, match="truncated or damaged"):
            read(ParquetTable(broken, "t", ("v",), frozenset(), Zone("UTC")))


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """The system's reason, not its traceback."""
    with pytest.raises(SourceError, match="No such file"):
        ParquetTable(tmp_path / "none.parquet", "t", ("v",), frozenset(), Zone("UTC")).check()
