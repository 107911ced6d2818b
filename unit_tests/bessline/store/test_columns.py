"""Column files: whole or absent, exact at any position, and never silently wrong."""

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.errors import StoreDamaged
from bessline.sources.base import Float64, Int64
from bessline.sources.decimals import Decimals
from bessline.store import columns
from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.row_group_cache import ROW_GROUP, NewestGroups, RowGroupCache

N = 2 * ROW_GROUP + 1000


@pytest.fixture(scope="module")
def rows() -> tuple[Int64, Float64]:
    t_ms = np.cumsum(np.random.default_rng(0).integers(1, 60_000, N))
    value = np.round(np.random.default_rng(1).normal(800, 20, N), 1)
    value[::17] = np.nan
    return t_ms, value


@pytest.fixture(scope="module")
def path(rows: tuple[Int64, Float64], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("columns") / "signal.parquet"
    writer = ColumnWriter(path)
    for start in range(0, N, 9_999):
        writer.append(rows[0][start : start + 9_999], rows[1][start : start + 9_999])
    assert writer.close() == path.stat().st_size
    return path


def test_what_was_written_is_read(path: Path, rows: tuple[Int64, Float64]) -> None:
    """Stamps and values come back bit for bit, a marker as NaN."""
    t_ms, value = ColumnFile(path, RowGroupCache()).between(-(2**60), 2**60)
    np.testing.assert_array_equal(t_ms, rows[0])
    np.testing.assert_array_equal(value, rows[1])


def test_row_groups_and_encodings_are_those_of_the_house(path: Path) -> None:
    """Row groups of 32,768 rows, stamps and decimals packed as differences."""
    metadata = pq.read_metadata(path)
    assert [metadata.row_group(i).num_rows for i in range(3)] == [ROW_GROUP, ROW_GROUP, 1000]
    time, value = metadata.row_group(0).column(0), metadata.row_group(0).column(1)
    assert "DELTA_BINARY_PACKED" in time.encodings
    assert "DELTA_BINARY_PACKED" in value.encodings
    assert str(metadata.schema.to_arrow_schema().field("value").type) == "decimal32(9, 1)"


@pytest.mark.parametrize(
    ("later", "stored"),
    [(1.125, "decimal64(18, 3)"), (5e11, "decimal64(18, 1)"), (1 / 3, "double"), (1e300, "double")],
)
def test_a_later_value_of_another_form_changes_nothing_of_those_before(
    rows: tuple[Int64, Float64], tmp_path: Path, later: float, stored: str
) -> None:
    """More decimals, larger numbers, or no decimals at all: the file is written anew, and holds every value."""
    writer = ColumnWriter(tmp_path / "x.parquet")
    writer.append(*rows)
    writer.append(rows[0][-1:] + 1, np.array([later]))
    writer.close()
    assert str(pq.read_schema(tmp_path / "x.parquet").field("value").type) == stored
    t_ms, value = ColumnFile(tmp_path / "x.parquet", RowGroupCache()).between(-(2**60), 2**60)
    np.testing.assert_array_equal(t_ms, np.append(rows[0], rows[0][-1] + 1))
    np.testing.assert_array_equal(value, np.append(rows[1], later))
    assert [found.name for found in tmp_path.iterdir()] == ["x.parquet"]


@pytest.mark.parametrize(("later_ms", "stored"), [(60_000, ["t_s", "value"]), (60_001, ["t", "value"])])
@pytest.mark.parametrize("later", [7.0, np.nan])
def test_whole_seconds_stand_as_seconds_until_a_stamp_between_comes(
    tmp_path: Path, later_ms: int, stored: list[str], later: float
) -> None:
    """And values as never missing until one is: then the file is written anew, and holds every row."""
    t_ms = np.arange(ROW_GROUP) * 1000
    writer = ColumnWriter(tmp_path / "x.parquet")
    writer.append(t_ms, Decimals(np.arange(ROW_GROUP, dtype=np.int32), 1))
    writer.append(t_ms[-1:] + later_ms, np.array([later]))
    writer.close()
    schema = pq.read_schema(tmp_path / "x.parquet")
    assert (schema.names, schema.field("value").nullable) == (stored, np.isnan(later))
    file = ColumnFile(tmp_path / "x.parquet", RowGroupCache())
    assert (file.first_ms.tolist(), file.last_ms.tolist()) == (
        [0, t_ms[-1] + later_ms],
        [t_ms[-1], t_ms[-1] + later_ms],
    )
    found = file.between(-(2**60), 2**60)
    np.testing.assert_array_equal(found[0], np.append(t_ms, t_ms[-1] + later_ms))
    np.testing.assert_array_equal(found[1], np.append(np.arange(ROW_GROUP) / 10, later))


@given(st.integers(0, N + 5), st.integers(0, N + 5))
def test_positions_and_instants_agree(path: Path, rows: tuple[Int64, Float64], start: int, stop: int) -> None:
    """The stamps at [start, stop) are those written there, and `position` is their inverse."""
    file = ColumnFile(path, RowGroupCache())
    found = file.stamps(start, stop)
    np.testing.assert_array_equal(found, rows[0][start:stop])
    if len(found):
        assert file.position(int(found[0])) == start
        assert file.position(int(found[-1]) + 1) == min(stop, N)


def test_damage_to_a_page_is_an_error_not_a_value(path: Path, tmp_path: Path) -> None:
    """Every flipped byte of the data pages is found by a checksum (or by the format) when its group is read."""
    good, whole = path.read_bytes(), ColumnFile(path, RowGroupCache()).between(-(2**60), 2**60)
    copy = tmp_path / "copy.parquet"
    for offset in np.random.default_rng(2).integers(4, len(good), 60).tolist():
        copy.write_bytes(good[:offset] + bytes([good[offset] ^ 0x20]) + good[offset + 1 :])
        try:
            read = ColumnFile(copy, RowGroupCache()).between(-(2**60), 2**60)
        except StoreDamaged:
            continue
        # a byte that nobody reads, such as the library's name in the footer, may change
        np.testing.assert_array_equal(read, whole)


def test_a_truncated_file_is_damaged_and_named(path: Path, tmp_path: Path) -> None:
    """Half a file names itself in the error."""
    copy = tmp_path / "half.parquet"
    copy.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StoreDamaged, match=r"half\.parquet"):
        ColumnFile(copy, RowGroupCache())


def test_an_abandoned_writer_leaves_nothing(tmp_path: Path) -> None:
    """No half file, no temporary one."""
    writer = ColumnWriter(tmp_path / "x.parquet")
    writer.append(np.arange(10), np.arange(10.0))
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_groups_with_and_without_holes_are_read_as_one(tmp_path: Path) -> None:
    """What is missing in one is missing there alone."""
    rows = 2 * ROW_GROUP + 5
    value = np.arange(rows) / 4
    value[ROW_GROUP + 7] = np.nan
    writer = ColumnWriter(tmp_path / "x.parquet")
    writer.append(np.arange(rows) * 1000, value)
    writer.close()
    found = ColumnFile(tmp_path / "x.parquet", RowGroupCache()).between(5000, rows * 1000)
    np.testing.assert_array_equal(found[0], np.arange(5, rows) * 1000)
    np.testing.assert_array_equal(found[1], value[5:])


def test_a_file_reads_the_same_through_another_cache(tmp_path: Path) -> None:
    writer = ColumnWriter(tmp_path / "a.parquet")
    writer.append(np.arange(5), np.arange(5.0))
    writer.close()
    shared = RowGroupCache()
    file = ColumnFile(tmp_path / "a.parquet", shared)
    through = file.through(NewestGroups())
    assert through.between(1, 3)[1].tolist() == [1.0, 2.0, 3.0]
    assert not shared._groups
    assert file.between(1, 3)[0].tolist() == [1, 2, 3]


@given(
    st.lists(
        st.tuples(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=5), st.integers(-1, 5)),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_decimals_are_stored_as_their_floats_are(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[tuple[list[int], int]]
) -> None:
    """Whatever the places, row group by row group; -1 stands for floats among them."""
    path = tmp_path_factory.mktemp("decimals") / "x.parquet"
    start, wanted = 0, list[float]()
    with patch.object(columns, "ROW_GROUP", 4):
        writer = ColumnWriter(path)
        for numbers, places in blocks:
            value = Decimals(np.array(numbers, np.int32), max(0, places))
            writer.append(np.arange(start, start + len(numbers)), value if places >= 0 else value.value / 7)
            wanted += (value.value if places >= 0 else value.value / 7).tolist()
            start += len(numbers)
        writer.close()
    assert ColumnFile(path, RowGroupCache()).between(0, start)[1].tolist() == wanted
