"""Lists of changes: Home Assistant's history export, and its like."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bessline.errors import DescriptionError, EmptySource, SourceError, ZoneMissing
from bessline.sources import Rows, open_source
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import notes, rejects, rows

HEADER = "entity_id,state,last_changed\n"
SAID = """kind: home_assistant
signals:
  - {entity: sensor.v, device: ups, topic: bms, field: voltage, unit: mV}
  - {entity: sensor.t, device: ups, topic: env, field: temperature, unit: degF}
  - {entity: binary.smoke, device: ups, topic: safety, field: fa1_smoke_flag, states: {"on": 1, "off": 0}}
"""
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def described(write: Write) -> Path:
    return write("bessline.yaml", SAID)


@pytest.mark.usefixtures("described")
def test_each_entity_feeds_its_signal(write: Write) -> None:
    """In the catalogue's unit; words become the numbers they mean, and status words end what was before."""
    text = (
        "sensor.v,13270,2026-03-26T10:00:00.000Z\n"
        "sensor.t,50,2026-03-26T10:00:01.500Z\n"
        "sensor.v,unavailable,2026-03-26T10:00:02+00:00\n"
        "binary.smoke,on,2026-03-26T12:00:03+02:00\n"
        "sensor.v,unknown,2026-03-26T10:00:04Z\n"
    )
    source = open_source(write("history.csv", HEADER + text))
    assert rows(source.jobs[0]) == {
        "ups/bms.voltage": [
            ("2026-03-26T10:00:00", 13.27),
            ("2026-03-26T10:00:02", None),
            ("2026-03-26T10:00:04", None),
        ],
        "ups/env.temperature": [("2026-03-26T10:00:01.500", 10.0)],
        "ups/safety.fa1_smoke_flag": [("2026-03-26T10:00:03", 1.0)],
    }
    assert (source.hold_s, source.whole_rows) == (6 * 3600, False)


@pytest.mark.usefixtures("described")
def test_what_nobody_described_is_counted_and_what_cannot_be_read_is_named(write: Write) -> None:
    """Nothing goes by in silence."""
    text = "sensor.x,1,2026-03-26T10:00:00Z\nsensor.x,2,2026-03-26T10:00:01Z\n"
    text += "sensor.v,high,2026-03-26T10:00:02Z\nsensor.v,1,yesterday\nsensor.v,1\n"
    job = open_source(write("history.csv", HEADER + text)).jobs[0]
    assert [(note.rows, "'sensor.x'" in note.text) for note in notes(job)] == [(2, True)]
    found = rejects(job)
    assert [line for line, _, _ in found] == [4, 5, 6]
    assert "sensor.v: 'high' is not a number" in found[0][1]


@pytest.mark.usefixtures("described")
def test_naive_stamps_need_a_zone(write: Write) -> None:
    path = write("history.csv", HEADER + "sensor.v,1,2026-03-26 10:00:00\n")
    with pytest.raises(ZoneMissing, match="--timezone"):
        open_source(path)
    (found,) = rows(open_source(path, timezone="Europe/Berlin").jobs[0]).values()
    assert found == [("2026-03-26T09:00:00", 0.001)]


@pytest.mark.usefixtures("described")
def test_a_folder_of_exports_is_one_job_a_file(write: Write, tmp_path: Path) -> None:
    """What is no such list is refused with its reason; the rest goes on."""
    write("a.csv", HEADER + "sensor.v,1,2026-03-26T10:00:00Z\n")
    write("b.csv", "ts,v\n")
    source = open_source(tmp_path)
    assert [job.file.name for job in source.jobs] == ["a.csv"]
    assert "has no column" in str(source.refused[0])
    with pytest.raises(SourceError, match="has no column 'last_changed'"):
        open_source(tmp_path / "b.csv")


def test_a_file_whose_name_is_no_device_does_not_stop_the_others(write: Write, tmp_path: Path) -> None:
    """Where the description names devices by their files."""
    write("bessline.yaml", SAID.replace("device: ups", 'device: "{file}"'))
    for name in ("a.csv", "b c.csv"):
        write(name, HEADER + "sensor.v,1,2026-03-26T10:00:00Z\n")
    source = open_source(tmp_path)
    assert [job.signals[0].device_id for job in source.jobs] == ["a"]
    assert "rename the file" in str(source.refused[0])


@pytest.mark.usefixtures("described")
def test_a_folder_without_exports_is_empty(write: Write, tmp_path: Path) -> None:
    write("readme.txt", "")
    with pytest.raises(EmptySource, match=r"no \.csv"):
        open_source(tmp_path)


def test_other_names_of_columns_can_be_said(write: Write) -> None:
    """Any list of events will do; it travels to another process as it is."""
    said = SAID.replace("kind: home_assistant", "kind: home_assistant\nentity: name\nstate: value\ntimestamp: at")
    path = write("events.csv", "at,name,value\n2026-03-26T10:00:00Z,sensor.v,5\n")
    job = open_source(path, describe=write("d.yaml", said)).jobs[0]
    assert rows(pickle.loads(pickle.dumps(job))) == {"ups/bms.voltage": [("2026-03-26T10:00:00", 0.005)]}
    assert "name, value, at" in job.reading


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("  - {entity: sensor.v, device: ups, topic: bms, field: soc}", "stands there twice"),
        ("  - {entity: sensor.w, device: ups, topic: bms, field: voltage}", "stands there twice"),
        ("  - {entity: sensor.w, device: ups, topic: bms, field: sock}", "did you mean soc"),
        ("  - {entitty: sensor.w, device: ups, topic: bms, field: soc}", "did you mean entity"),
    ],
)
def test_every_mistake_is_named(write: Write, line: str, says: str) -> None:
    path = write("history.csv", HEADER)
    with pytest.raises(DescriptionError, match=says):
        open_source(path, describe=write("d.yaml", SAID + line + "\n"))


@pytest.mark.real
def test_the_ups_of_a_house(shared_data: Path) -> None:
    """Both real exports, every row: as a plain reader of the file sees them, in volt and degrees Celsius."""
    folder = shared_data / "lfp_ups_homeassistant"
    source = open_source(folder, describe=ROOT / "examples" / "home_assistant.yaml")
    assert len(source.jobs) == 2
    for job in source.jobs:
        plain = pl.read_csv(job.file, infer_schema=False)["state"].cast(pl.Float64, strict=False).to_numpy()
        value = np.concatenate([part.value for part in job.read() if isinstance(part, Rows)])
        degrees = "Temperature" in job.file.name
        assert np.allclose(value, (plain - 32) * 5 / 9 if degrees else plain, equal_nan=True)
        assert np.isnan(value).sum() == np.isnan(plain).sum()
        assert (rejects(job), notes(job)) == ([], [])
