"""NEM12: interval files of Australian meters."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from bessline.errors import EmptySource, SourceError
from bessline.sources import Rows, open_source
from bessline.sources.nem12_records import is_nem12
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import notes, rejects, rows

HEADER = "100,NEM12,200405011135,MDA1,Ret1\n"
END = "900\n"


def channel(suffix: str, *, registers: str = "E1B1", unit: str = "kWh", minutes: int = 30) -> str:
    return f"200,NMI0000001,{registers},1,{suffix},N1,METER1,{unit},{minutes},\n"


def day(date: str, value: float, *, count: int = 48, quality: str = "A") -> str:
    return f"300,{date},{','.join([str(value)] * count)},{quality},,,20040202120025,\n"


def test_energies_are_stamped_with_the_end_of_their_interval(write: Write) -> None:
    """In market time, ten hours before UTC, whatever the season; nothing else says its zone."""
    source = open_source(write("m.csv", HEADER + channel("E1", registers="E1") + day("20040201", 1.5) + END))
    found = rows(source.jobs[0])
    energies = found["NMI0000001/unclassified.e1_kwh"]
    assert (energies[0], energies[-1]) == (("2004-01-31T14:30:00", 1.5), ("2004-02-01T14:00:00", 1.5))
    assert found["NMI0000001/meter.active_power"][0] == ("2004-01-31T14:30:00", 3.0)
    assert (source.kind, source.timezone) == ("NEM12", "Etc/GMT-10")


def test_net_power_needs_every_channel_of_the_meter(write: Write) -> None:
    """Import minus export; with one of them missing nobody knows it."""
    both = channel("E1") + day("20040201", 2) + day("20040202", 2) + channel("B1") + day("20040201", 0.5)
    found = rows(open_source(write("m.csv", HEADER + both + END)).jobs[0])
    power = found["NMI0000001/meter.active_power"]
    assert len(power) == 48
    assert {value for _, value in power} == {3.0}
    alone = rows(open_source(write("b.csv", HEADER + channel("B1") + day("20040201", 0.5) + END)).jobs[0])
    assert list(alone) == ["NMI0000001/unclassified.b1_kwh"]


def test_units_are_told_apart(write: Write) -> None:
    """Wh become kWh; reactive energy is kept, and is no part of the power."""
    text = channel("E1", registers="E1Q1", unit="Wh", minutes=15) + day("20040201", 250, count=96)
    text += channel("Q1", registers="E1Q1", unit="kVArh", minutes=15) + day("20040201", 7, count=96)
    found = rows(open_source(write("m.csv", HEADER + text + END)).jobs[0])
    assert {name: values[0][1] for name, values in found.items()} == {
        "NMI0000001/unclassified.e1_kwh": 0.25,
        "NMI0000001/unclassified.q1_kvarh": 7.0,
        "NMI0000001/meter.active_power": 1.0,
    }


def test_quality_is_kept_in_mind(write: Write) -> None:
    """Null is missing, for the power too; what was estimated is counted."""
    text = channel("E1", registers="E1") + day("20040201", 1, quality="V")
    text += "400,1,2,N,,\n400,3,48,E52,,\n"
    job = open_source(write("m.csv", HEADER + text + END)).jobs[0]
    for values in rows(job).values():
        assert [value is None for _, value in values[:4]] == [True, True, False, False]
    assert [(note.rows, note.text.split()[4]) for note in notes(job)] == [(46, "estimated")]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("300,20040201,1.5,A,,,\n", "has 1 of 48 values"),
        (day("20040231", 1), "is no date"),
        (day("20040201", 1, quality="X"), "has no quality"),
        ("200,NMI0000001,E1,1,E1,N1,M,kWh,7,\n", "there are 5, 15 and 30"),
        ("200,NMI0000001,E1,1,E1,N1,M,MJ,30,\n", "unit 'MJ'"),
        ("200,NMI 1,E1,1,E1,N1,M,kWh,30,\n", "no device id"),
        ("400,1,48,A,,\n", "behind no 300 record"),
        ("hello\n", "is no record of NEM12"),
    ],
)
def test_a_record_that_cannot_be_taken_is_named(write: Write, record: str, says: str) -> None:
    """With its line; the others are taken."""
    text = HEADER + channel("E1", registers="E1") + record + channel("E1", registers="E1") + day("20040203", 1) + END
    job = open_source(write("m.csv", text)).jobs[0]
    ((line, reason, shown),) = rejects(job)
    assert (line, says in reason, shown.startswith(record[:3])) == (3, True, True)
    assert len(rows(job)["NMI0000001/unclassified.e1_kwh"]) == 48


def test_days_behind_a_channel_that_cannot_be_read_are_not_taken_for_the_last_one(write: Write) -> None:
    """They belong to nobody."""
    text = HEADER + channel("E1", registers="E1") + day("20040201", 1) + channel("B1", unit="MJ") + day("20040201", 9)
    job = open_source(write("m.csv", text + END)).jobs[0]
    assert [line for line, _, _ in rejects(job)] == [4, 5]
    assert {value for _, value in rows(job)["NMI0000001/unclassified.e1_kwh"]} == {1.0}


def test_it_is_known_by_its_first_record(write: Write, tmp_path: Path) -> None:
    """A job of it travels, with a prefix before the meter's name."""
    path = write("m.csv", "\n" + HEADER + channel("E1") + day("20040201", 1) + END)
    assert is_nem12(path)
    assert not is_nem12(write("bms1_v.csv", "ts,bms1_v\n"))
    assert not is_nem12(tmp_path / "nowhere")
    job = open_source(path, prefix="site-").jobs[0]
    assert job.signals[0].device_id == "site-NMI0000001"
    assert rows(pickle.loads(pickle.dumps(job))) == rows(job)


@pytest.mark.real
class TestExamples:
    """The files of a well-known reader of the format, valid and not."""

    def test_a_folder_of_them(self, shared_data: Path) -> None:
        """Those without header or channels are refused, each with its reason."""
        source = open_source(shared_data / "nem12_meters")
        assert sorted(job.file.stem.removeprefix("Example_NEM12_") for job in source.jobs) == [
            "actual_interval", "incomplete_interval", "month_solar", "multiple_meters",
        ]  # fmt: skip
        reasons = {error.path.name: str(error) for error in source.refused if error.path}
        assert "header record" in reasons["Example_NEM12_missing_header.csv"]
        assert "no channel" in reasons["Example_NEM12_empty.csv"]

    def test_a_month_of_a_roof(self, shared_data: Path) -> None:
        """31 days of 5 minutes: the energies add up to what a plain sum of the file gives."""
        path = shared_data / "nem12_meters" / "Example_NEM12_month_solar.csv"
        days = [line.split(",") for line in path.read_text().splitlines() if line.startswith("300,")]
        total = sum(float(cell) for cells in days for cell in cells[2:290])
        parts = [part for part in open_source(path).jobs[0].read() if isinstance(part, Rows)]
        energies = [part for part in parts if part.signal.topic == "unclassified"]
        assert sum(np.nansum(part.value) for part in energies) == pytest.approx(total)
        assert sum(len(part.t_ms) for part in energies) == 288 * len(days)

    @pytest.mark.parametrize("name", ["empty", "missing_header"])
    def test_one_that_is_invalid(self, shared_data: Path, name: str) -> None:
        """Is an error, and says what is wrong."""
        with pytest.raises(SourceError, match=r"no channel|header record"):
            open_source(shared_data / "nem12_meters" / f"Example_NEM12_{name}.csv")

    def test_an_incomplete_day_is_rejected_with_its_line(self, shared_data: Path) -> None:
        job = open_source(shared_data / "nem12_meters" / "Example_NEM12_incomplete_interval.csv").jobs[0]
        assert [(line, "0 of 48" in reason) for line, reason, _ in rejects(job)][:1] == [(3, True)]


def test_a_folder_with_no_file_at_all_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptySource):
        open_source(tmp_path)
