"""Signed files: a changed byte is an error wherever it stands, and readers of Parquet notice nothing."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xxhash

from bessline.errors import StoreDamaged
from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.signed import MARK, open_signed, sign

EVER = (-(2**60), 2**60)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A column of three row groups."""
    monkeypatch.setattr("bessline.store.columns.ROW_GROUP", 100)
    writer = ColumnWriter(tmp_path / "x.parquet")
    writer.append(np.arange(250) * 1000, np.arange(250) / 7)
    assert writer.close() == writer.path.stat().st_size
    return writer.path


def test_every_changed_byte_is_found(path: Path) -> None:
    """Data, page headers, footer, and the signature itself: 100 places, each an error."""
    good = path.read_bytes()
    for offset in np.random.default_rng(1).integers(0, len(good), 100).tolist():
        path.write_bytes(good[:offset] + bytes([good[offset] ^ 0x40]) + good[offset + 1 :])
        with pytest.raises(StoreDamaged, match=r"x\.parquet"):
            ColumnFile(path, RowGroupCache()).verify()


def test_only_the_damaged_row_group_is_lost(path: Path) -> None:
    """The rest of the file reads."""
    signed = open_signed(path)
    good = bytearray(path.read_bytes())
    good[int(signed.ends[1]) + 5] ^= 1
    path.write_bytes(good)
    file = ColumnFile(path, RowGroupCache())
    assert len(file.between(0, 99_000)[0]) == 100
    assert len(file.group(2)[0]) == 50
    with pytest.raises(StoreDamaged, match="row group 1"):
        file.between(*EVER)


def test_the_start_of_a_file_is_no_walk_through_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system is told so for the first row group alone; where it cannot be told, reading goes on."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _handle, begin, size, _advice: told.append((begin, size)))
    signed = open_signed(path)
    assert [signed.table(group).num_rows for group in range(3)] == [100, 100, 50]
    assert told == [(0, int(signed.ends[1]))]
    monkeypatch.delattr(os, "posix_fadvise")
    assert signed.table(0).num_rows == 100


def test_what_was_digested_is_what_is_decoded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes between the two changes no value."""
    signed, good = open_signed(path), path.read_bytes()
    before = signed.table(1)

    def digest_and_spoil(data: memoryview) -> int:
        found = int(xxhash.xxh3_64_intdigest(data))
        path.write_bytes(bytes(len(good)))
        return found

    monkeypatch.setattr("bessline.store.signed.xxhash", SimpleNamespace(xxh3_64_intdigest=digest_and_spoil))
    assert signed.table(1).equals(before)


def test_a_file_cut_short_after_it_was_opened_is_damaged(path: Path) -> None:
    """What is missing of a row group is no zero."""
    signed = open_signed(path)
    path.write_bytes(path.read_bytes()[: int(signed.ends[2]) - 1])
    assert signed.table(0).num_rows == 100
    with pytest.raises(StoreDamaged, match="ends before its byte"):
        signed.table(1)


def test_a_signature_cannot_go_unseen(path: Path) -> None:
    """A footer that says it is signed needs its signature."""
    good = path.read_bytes()
    path.write_bytes(good.replace(b"BLSIGN\x01\n", bytes(8)))
    with pytest.raises(StoreDamaged, match="signature is gone"):
        ColumnFile(path, RowGroupCache())


def test_any_reader_of_parquet_reads_it(path: Path) -> None:
    """The signature stands where they do not look."""
    table = pq.read_table(path)
    assert table.num_rows == 250
    assert MARK.items() <= table.schema.metadata.items()


def test_a_file_of_an_earlier_version_reads_by_its_page_checksums(tmp_path: Path) -> None:
    """It is not signed, and says so."""
    t = pa.array(np.arange(9) * 1000).cast(pa.timestamp("ms", "UTC"))
    pq.write_table(pa.table({"t": t, "value": np.arange(9.0)}), tmp_path / "old.parquet", write_page_checksum=True)
    file = ColumnFile(tmp_path / "old.parquet", RowGroupCache())
    assert (file.is_signed, len(file.between(*EVER)[0])) == (False, 9)
    sign(tmp_path / "old.parquet")
    assert ColumnFile(tmp_path / "old.parquet", RowGroupCache()).is_signed


@pytest.mark.parametrize("size", [0, 3, 12, 200])
def test_what_is_no_parquet_file_is_damaged(tmp_path: Path, size: int) -> None:
    """Short files too."""
    (tmp_path / "x.parquet").write_bytes(bytes(size))
    with pytest.raises(StoreDamaged):
        open_signed(tmp_path / "x.parquet")
