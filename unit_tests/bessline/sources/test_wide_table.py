"""Tables with one row an instant."""

from __future__ import annotations

import pickle
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bessline.errors import DescriptionError, EmptySource, SourceError, ZoneMissing
from bessline.sources import Rows, Source, open_source
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import rejects, rows
from unit_tests.conftest import ROOT

DESCRIPTION = """
kind: wide_table
timezone: UTC
timestamp: time
columns:
  - {column: I, device: b1, topic: bms, field: current, scale: 0.1, positive: charge}
  - {column: I, device: b1, topic: pcs, field: dc_current, scale: 0.1, positive: charge}
  - {column: {charge: Pin, discharge: Pout}, device: b1, topic: pcs, field: active_power, unit: W}
  - {column: T, device: b1, topic: env, field: temperature, unit: degF}
"""
HEADER = "time,I,Pin,Pout,T,remark\n"
UTC = "2024-05-01T00:00:00"


@pytest.fixture
def described(write: Write) -> Path:
    return write("bessline.yaml", DESCRIPTION)


def read(source: Source) -> dict[str, list[tuple[str, float | None]]]:
    (job,) = source.jobs
    return rows(job)


@pytest.mark.usefixtures("described")
def test_columns_become_signals_in_the_catalogues_units_and_signs(write: Write) -> None:
    """One column feeds two signals, two unsigned columns feed one."""
    path = write("day.csv", HEADER + "2024-05-01 00:00:00,5299,1500,0,212,fine\n2024-05-01 00:00:01,,0,2500,-,\n")
    source = open_source(path)
    later = "2024-05-01T00:00:01"
    assert read(source) == {
        "b1/bms.current": [(UTC, -529.9), (later, None)],
        "b1/pcs.dc_current": [(UTC, -529.9), (later, None)],
        "b1/pcs.active_power": [(UTC, -1.5), (later, 2.5)],
        "b1/env.temperature": [(UTC, 100.0), (later, None)],
    }
    assert (source.kind, source.whole_rows, source.timezone) == ("wide table", True, "UTC")


@pytest.mark.usefixtures("described")
def test_a_bad_cell_costs_its_signals_and_is_named(write: Write) -> None:
    """The row's other signals are taken."""
    path = write("day.csv", HEADER + "2024-05-01 00:00:00,1,x,0,32,\nnow,1,1,1,1,\n2024-05-01 00:00:00,1,1\n")
    source = open_source(path)
    assert read(source)["b1/pcs.active_power"] == []
    assert read(source)["b1/env.temperature"] == [(UTC, 0.0)]
    found = rejects(source.jobs[0])
    assert [line for line, _, _ in found] == [2, 3, 4]
    assert found[0][1].startswith("Pin: 'x' is not a number")


@pytest.mark.usefixtures("described")
def test_csv_and_parquet_give_the_same(write: Write, tmp_path: Path) -> None:
    """The format is not part of the meaning."""
    path = write("day.csv", HEADER + "2024-05-01 00:00:00,1,2,3,4,\n2024-05-01 00:00:01,,5,6,7,\n")
    stamps = [datetime(2024, 5, 1, 0, 0, second) for second in (0, 1)]
    columns = {"time": stamps, "I": [1, None], "Pin": ["2", "5"], "Pout": [3.0, 6.0], "T": [4, 7]}
    pq.write_table(pa.table(columns), tmp_path / "day.parquet")
    assert read(open_source(tmp_path / "day.parquet")) == read(open_source(path))


@pytest.mark.usefixtures("described")
def test_a_folder_of_tables_is_one_job_a_file(write: Write, tmp_path: Path) -> None:
    """Files that lack a column are refused by name, others are ignored, the rest goes on."""
    write("2024/a.csv", HEADER)
    write("2024/b.csv", HEADER)
    bad = write("c.csv", "time,I,Pin,Pot,T\n")
    write("truth.json", "{}")
    write("d.parquet", "PAR1")
    source = open_source(tmp_path)
    assert [job.file.name for job in source.jobs] == ["a.csv", "b.csv"]
    assert str(source.refused[0]).startswith(f"{bad}:1: has no column 'Pout'; did you mean 'Pot'")
    assert "truncated or damaged" in str(source.refused[1])
    assert [path.name for path in source.ignored] == ["truth.json"]


@pytest.mark.usefixtures("described")
def test_one_table_that_cannot_be_read_is_an_error(write: Write, tmp_path: Path) -> None:
    """There is nothing else to go on with."""
    with pytest.raises(SourceError, match="no column 'I'"):
        open_source(write("day.csv", "time,P\n"))
    with pytest.raises(SourceError, match=r"no \.csv and no \.parquet"):
        open_source(write("day.xlsx", ""))
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmptySource, match="which the description is for"):
        open_source(tmp_path / "empty", describe=tmp_path / "bessline.yaml")


def test_naive_stamps_need_a_zone_from_somewhere(write: Write) -> None:
    """An explicit one beats the description's."""
    described = write("d.yaml", DESCRIPTION.replace("timezone: UTC\n", ""))
    path = write("day.csv", HEADER + "2024-05-01 08:00:00,1,2,3,4,\n")
    with pytest.raises(ZoneMissing, match="--timezone"):
        open_source(path, describe=described)
    shanghai = open_source(path, describe=described, timezone="Asia/Shanghai")
    assert read(shanghai)["b1/bms.current"] == [(UTC, -0.1)]
    aware = write("aware.csv", HEADER + "2024-05-01T02:00:00+02:00,1,2,3,4,\n")
    assert read(open_source(aware, describe=described))["b1/bms.current"] == [(UTC, -0.1)]


@pytest.mark.usefixtures("described")
def test_jobs_travel_and_their_reading_tells_what_they_mean(write: Write) -> None:
    """A changed scale or zone is a changed reading."""
    path = write("day.csv", HEADER + "2024-05-01 00:00:00,1,2,3,4,\n")
    job = open_source(path).jobs[0]
    assert rows(pickle.loads(pickle.dumps(job))) == rows(job)
    assert open_source(path, timezone="Asia/Tokyo").jobs[0].reading != job.reading
    other = write("other.yaml", DESCRIPTION.replace("0.1", "0.01"))
    assert open_source(path, describe=other).jobs[0].reading != job.reading


@pytest.mark.usefixtures("described")
def test_a_prefix_is_put_before_each_device_and_must_fit(write: Write) -> None:
    """The result is a device id, or a mistake."""
    path = write("day.csv", HEADER)
    assert open_source(path, prefix="x-").jobs[0].signals[0].device_id == "x-b1"
    with pytest.raises(DescriptionError, match="no device id"):
        open_source(path, prefix="x ")


@pytest.mark.real
def test_the_m5bat_day(shared_data: Path) -> None:
    """The description in the examples reads the measured day as its authors meant it."""
    path = shared_data / "m5bat_1hz" / "bess_battery_together_sample.parquet"
    source = open_source(path, describe=ROOT / "examples" / "m5bat.yaml")
    found: dict[str, list[Rows]] = {}
    for part in source.jobs[0].read():
        assert isinstance(part, Rows)
        found.setdefault(str(part.signal), []).append(part)
    t_ms = np.concatenate([part.t_ms for part in found["batt10/bms.current"]])
    (four_pm,) = np.flatnonzero(t_ms == np.datetime64("2023-04-07T16:00:00", "ms").astype(np.int64))

    def at_four(signal: str) -> float:
        return float(np.concatenate([part.value for part in found[signal]])[four_pm])

    assert len(t_ms) == 86_400
    assert {signal.split("/")[0] for signal in found} == {"batt1", "batt10", "plant"}
    assert at_four("batt10/pcs.active_power") == -252
    assert at_four("batt10/bms.current") == at_four("batt10/pcs.dc_current") == -529.9
    assert at_four("batt10/bms.voltage") == at_four("batt10/pcs.dc_voltage") == 751.3
    assert at_four("batt10/bms.soc") == 46.8
    assert (at_four("plant/pcs.frequency"), at_four("plant/aux.outside_temp")) == (50.031, 8.4)


@pytest.mark.real
def test_random_seconds_of_a_month_pass_as_they_are(shared_data: Path, write: Write) -> None:
    """A source makes no grid of them and loses none."""
    said = "kind: wide_table\ntimezone: UTC\ntimestamp: DateAndTime\ncolumns:\n"
    described = write("d.yaml", said + "  - {column: P_AC, device: batt10, topic: pcs, field: active_power}\n")
    source = open_source(shared_data / "m5bat_1hz" / "batt10_sample.parquet", describe=described)
    parts = [part for part in source.jobs[0].read() if isinstance(part, Rows)]
    t_ms = np.concatenate([part.t_ms for part in parts])
    assert len(t_ms) == pq.read_metadata(source.path).num_rows
    assert len(np.unique(np.diff(t_ms))) > 1000


@pytest.mark.real
def test_a_campus_meter_with_offset_stamps_in_the_last_column(shared_data: Path, write: Write) -> None:
    """Stamps with offsets need no zone; local days with two offsets become one line of UTC."""
    said = "kind: wide_table\ntimestamp: Datetime\ncolumns:\n"
    described = write("d.yaml", said + "  - {column: Actual, device: eberhart, topic: meter, field: active_power}\n")
    source = open_source(shared_data / "uncg_campus_meters" / "Eberhart_results.csv", describe=described)
    parts = list(source.jobs[0].read())
    taken = [part for part in parts if isinstance(part, Rows)]
    assert len(taken) == len(parts)
    t_ms = np.concatenate([part.t_ms for part in taken])
    assert str(np.datetime64(int(t_ms[0]), "ms")) == "2015-06-01T04:00:00.000"
    lines = source.path.read_bytes().splitlines()
    assert len(t_ms) == len(lines) - 1
