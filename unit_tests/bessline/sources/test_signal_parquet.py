"""One Parquet of one signal."""

from __future__ import annotations

import pickle
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bessline.errors import ZoneMissing
from bessline.sources import open_source
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import only_rows, rejects, rows

STAMPS = pd.to_datetime(["2024-05-01 00:00:00", "2024-05-01 00:00:30"])


def parquet(folder: Path, name: str, **columns: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / name)


def test_it_gives_the_same_as_a_csv(write: Write, tmp_path: Path) -> None:
    """Whatever the case of its names; a null is a missing marker."""
    write("csv/b1/bms1_v.csv", "ts,bms1_v\n2024-05-01 00:00:00,832.5\n2024-05-01 00:00:30,\n")
    parquet(tmp_path / "parquet/b1", "BMS1_V.parquet", Timestamp=STAMPS, bms1_v=[832.5, None])
    both = [open_source(tmp_path / kind, timezone="Asia/Tokyo") for kind in ("csv", "parquet")]
    assert only_rows(both[0]) == only_rows(both[1]) == [("2024-04-30T15:00:00", 832.5), ("2024-04-30T15:00:30", None)]
    assert [str(source.jobs[0].signals[0]) for source in both] == ["b1/bms.voltage"] * 2


def test_the_index_that_pandas_writes_is_its_stamp(tmp_path: Path) -> None:
    """With a zone it needs no other."""
    (tmp_path / "b1").mkdir()
    frame = pd.DataFrame({"value": [1.0, 2.0]}, index=STAMPS.tz_localize("Europe/Berlin"))
    frame.to_parquet(tmp_path / "b1" / "bms1_c.parquet")
    job = open_source(tmp_path).jobs[0]
    assert [value for _, value in only_rows(open_source(tmp_path))] == [1.0, 2.0]
    assert rows(pickle.loads(pickle.dumps(job))) == rows(job)


def test_naive_stamps_need_a_zone(tmp_path: Path) -> None:
    parquet(tmp_path / "b1", "bms1_v.parquet", ts=STAMPS, v=[1.0, 2.0])
    with pytest.raises(ZoneMissing, match="--timezone"):
        open_source(tmp_path)


def test_a_table_of_many_signals_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """And a flag's fraction is rejected, as in a CSV."""
    parquet(tmp_path / "b1", "day.parquet", ts=STAMPS, a=[1.0, 2.0], b=[1.0, 2.0])
    parquet(tmp_path / "b1", "fa1_smokeflag.parquet", ts=STAMPS, v=[1.0, 0.5])
    source = open_source(tmp_path, timezone="UTC")
    assert "kind: wide_table" in str(source.refused[0])
    assert [line for line, _, _ in rejects(source.jobs[0])] == [2]


def test_one_signal_has_one_file(write: Write, tmp_path: Path) -> None:
    """A CSV and a Parquet of it: which counts is not guessed."""
    write("b1/bms1_v.csv", "ts,bms1_v\n2024-05-01 00:00:00,832.5\n")
    parquet(tmp_path / "b1", "bms1_v.parquet", ts=STAMPS, v=[1.0, 2.0])
    source = open_source(tmp_path, timezone="UTC")
    assert len(source.jobs) == 1
    assert "keep one of the two" in str(source.refused[0])
