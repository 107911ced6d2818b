"""Folders of one CSV a signal."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from bessline.errors import DescriptionError, EmptySource, SourceError, ZoneMissing
from bessline.sources import Source, open_source
from unit_tests.bessline.sources.conftest import Write
from unit_tests.bessline.sources.reading import only_rows, rows

T = "2024-05-01 08:00:00"
UTC = "2024-05-01T00:00:00"


def opened(path: Path, **options: str) -> Source:
    return open_source(path, timezone=options.get("timezone", "Asia/Shanghai"), prefix=options.get("prefix", ""))


def signals(source: Source) -> list[str]:
    return [str(job.signals[0]) for job in source.jobs]


def refusals(source: Source) -> list[str]:
    return [str(error) for error in source.refused]


@pytest.fixture
def plant(write: Write, tmp_path: Path) -> Path:
    write("BESS/b1/BMS1_SOC.csv", f"ts,bms1_soc\n{T},41\n")
    write("BESS/b1/bms1_p3_v17.csv", f"ts,bms1_p3_v17\n{T},3.305\n")
    write("BESS/b1/Door open.csv", f"ts,Door open\n{T},1\n")
    write("meter/m1/com_ap.csv", f"ts,com_ap\n{T},-12.5\n")
    write("truth.json", "{}")
    return tmp_path


def test_a_plant_is_found_and_read(plant: Path) -> None:
    """Devices by folder, signals by stem whatever its case, unknown ones kept as unclassified, stamps in UTC."""
    source = opened(plant)
    found = {name: values for job in source.jobs for name, values in rows(job).items()}
    assert found == {
        "b1/bms.soc": [(UTC, 41.0)],
        "b1/cells.p3_v17": [(UTC, 3.305)],
        "b1/unclassified.door_open": [(UTC, 1.0)],
        "m1/meter.active_power": [(UTC, -12.5)],
    }
    assert (source.kind, source.timezone, source.whole_rows, source.hold_s) == (
        "signal folder",
        "Asia/Shanghai",
        False,
        None,
    )
    assert (source.refused, source.ignored) == ((), (plant / "truth.json",))


@pytest.mark.parametrize("inner", ["BESS", "BESS/b1"])
def test_the_source_may_be_the_plant_its_units_or_one_device(plant: Path, inner: str) -> None:
    """Whoever points one floor lower gets what is there."""
    assert set(signals(opened(plant / inner))) == {"b1/bms.soc", "b1/cells.p3_v17", "b1/unclassified.door_open"}


def test_a_job_travels_to_a_worker(plant: Path) -> None:
    """It holds names, not handles."""
    job = opened(plant).jobs[0]
    assert rows(pickle.loads(pickle.dumps(job))) == rows(job)


def test_reading_changes_with_the_meaning_of_the_rows(plant: Path, write: Write) -> None:
    """The store compares it to know whether a file must be read again."""
    first = opened(plant).jobs[0].reading
    assert opened(plant).jobs[0].reading == first
    assert opened(plant, timezone="UTC").jobs[0].reading != first
    write("BESS/b1/bms1_c.csv", f"ts,bms1_c\n{T},5\n")
    discharge = [job.reading for job in opened(plant).jobs]
    write("bessline.yaml", "kind: signal_folder\npositive: charge\n")
    assert [job.reading for job in opened(plant).jobs] != discharge


def test_without_a_zone_the_message_says_how_to_give_one(plant: Path) -> None:
    """Naive stamps read as UTC would shift a plant by hours."""
    with pytest.raises(ZoneMissing, match=r"--timezone Europe/Berlin.*timezone: Europe/Berlin.*bessline\.yaml"):
        open_source(plant)


def test_stamps_with_offsets_need_no_zone(write: Write, tmp_path: Path) -> None:
    """The source then has none for local days, either."""
    write("b1/bms1_soc.csv", "ts,bms1_soc\n2024-05-01T08:00:00+08:00,41\n2024-05-01T00:00:01Z,42\n")
    source = open_source(tmp_path)
    assert only_rows(source) == [(UTC, 41.0), ("2024-05-01T00:00:01", 42.0)]
    assert source.timezone is None


def test_an_explicit_zone_and_prefix_beat_the_description(plant: Path, write: Write) -> None:
    """What is typed is meant; what is described is the default."""
    write("bessline.yaml", "kind: signal_folder\ntimezone: UTC\nprefix: a-\n")
    described = open_source(plant / "BESS", describe=plant / "bessline.yaml")
    assert (described.timezone, signals(described)[0][:4]) == ("UTC", "a-b1")
    typed = opened(plant, prefix="x-")
    assert (typed.timezone, signals(typed)[0][:4]) == ("Asia/Shanghai", "x-b1")


def test_a_name_that_is_no_device_id_is_refused_with_the_way_to_map_it(write: Write, tmp_path: Path) -> None:
    """And mapped, it is read; the other devices are read in any case."""
    write("BESS/Unit 1/bms1_soc.csv", f"ts,bms1_soc\n{T},41\n")
    write("BESS/b2/bms1_soc.csv", f"ts,bms1_soc\n{T},42\n")
    source = opened(tmp_path)
    assert signals(source) == ["b2/bms.soc"]
    assert "devices: {'Unit 1': a-good-name}" in refusals(source)[0]
    write("bessline.yaml", "kind: signal_folder\ndevices: {Unit 1: unit1}\n")
    assert signals(opened(tmp_path)) == ["unit1/bms.soc", "b2/bms.soc"]


def test_two_folders_of_one_name_are_both_refused(write: Write, tmp_path: Path) -> None:
    """Mixing two units into one would be worse; a description or a prefix tells them apart."""
    for site in ("east", "west"):
        write(f"{site}/b1/bms1_soc.csv", f"ts,bms1_soc\n{T},41\n")
    source = opened(tmp_path)
    assert source.jobs == ()
    assert len(source.refused) == 2
    assert "--prefix" in refusals(source)[0]
    write("bessline.yaml", "kind: signal_folder\ndevices: {east/b1: b1, west/b1: b2}\n")
    assert signals(opened(tmp_path)) == ["b1/bms.soc", "b2/bms.soc"]


def test_a_mapping_of_a_folder_that_is_not_there_is_a_mistake(plant: Path, write: Write) -> None:
    """Else a typing mistake would silently keep the old name."""
    write("bessline.yaml", "kind: signal_folder\ndevices: {b11: unit}\n")
    with pytest.raises(DescriptionError, match="no folder 'b11' holds data files; did you mean 'b1'"):
        opened(plant)


def test_two_files_of_one_signal_second_refused(write: Write, tmp_path: Path) -> None:
    """Letter case varies between exports, sometimes within one."""
    write("b1/Bms1_Soc.csv", f"ts,x\n{T},1\n")
    write("b1/bms1_soc.csv", f"ts,x\n{T},2\n")
    source = opened(tmp_path)
    assert only_rows(source) == [(UTC, 1.0)]
    assert "same signal (b1/bms.soc) as Bms1_Soc.csv" in refusals(source)[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        (f"{T},41\n{T},42\n", "has no header"),
        (f"ts\n{T}\n", "the column of the values is missing"),
        (f"soc,ts\n41,{T}\n", "the first column is 'soc'; expected `ts,<signal>`"),
        (f"ts,soc,quality\n{T},41,good\n", "has 3 columns"),
        (f"ts;soc\n{T};41\n", 'delimiter: ";"'),
    ],
)
def test_a_file_that_is_no_signal_is_refused_at_line_1_and_the_rest_goes_on(
    plant: Path, write: Write, content: str, says: str
) -> None:
    """File, line and what was expected."""
    path = write("BESS/b1/bms1_v.csv", content)
    source = opened(plant)
    assert len(source.jobs) == 4
    assert refusals(source)[0].startswith(f"{path}:1: ")
    assert says in refusals(source)[0]


def test_a_file_that_vanishes_or_is_closed_to_us_is_refused(plant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At discovery and in the worker alike. (Forced: tests may run as root.)"""
    job = opened(plant).jobs[0]
    plain_open = Path.open

    def deny(path: Path, mode: str = "r") -> object:
        if path.name == "BMS1_SOC.csv":
            raise PermissionError(13, "Permission denied")
        return plain_open(path, mode)

    monkeypatch.setattr(Path, "open", deny)
    source = opened(plant)
    assert len(source.jobs) == 3
    assert "Permission denied" in refusals(source)[0]
    with pytest.raises(SourceError, match="Permission denied"):
        list(job.read())


def test_a_folder_where_a_file_should_be_and_a_broken_link_are_refused(plant: Path, write: Write) -> None:
    """Neither stops the rest."""
    write("BESS/b1/bms1_v.csv/readme", "")
    (plant / "BESS/b1/bms1_c.csv").symlink_to(plant / "nowhere")
    source = opened(plant)
    assert len(source.jobs) == 4
    assert len(source.refused) == 2


def test_nothing_there_says_what_was_looked_for(write: Write, tmp_path: Path) -> None:
    """An empty folder, and one with other things in it."""
    with pytest.raises(EmptySource, match="BESS/<device>/<signal>"):
        opened(tmp_path)
    write("day.feather", "")
    with pytest.raises(EmptySource, match=r"it holds 1 \.feather"):
        opened(tmp_path)


def test_a_path_that_is_not_there_and_a_store_are_refused(write: Write, tmp_path: Path) -> None:
    """Each in one sentence."""
    with pytest.raises(SourceError, match="no such file or folder"):
        opened(tmp_path / "none")
    write("manifest.json", "{}")
    with pytest.raises(SourceError, match="is a store"):
        opened(tmp_path)


def test_an_unknown_zone_is_answered_before_any_file_is_read(plant: Path) -> None:
    """With its nearest neighbours."""
    with pytest.raises(SourceError, match="Asia/Shanghai"):
        opened(plant, timezone="Asia/Shanghay")


def test_one_file_alone_says_what_is_missing(plant: Path, write: Write) -> None:
    """A lone file has no folder to name its device, a description is not data."""
    with pytest.raises(DescriptionError, match="--describe"):
        opened(plant / "BESS/b1/BMS1_SOC.csv")
    with pytest.raises(DescriptionError, match="is a description, not data"):
        opened(write("x.yaml", "kind: signal_folder\n"))
    write("BESS/b1/bessline.yaml", "kind: signal_folder\n")
    with pytest.raises(DescriptionError, match="describes a signal folder; name the folder"):
        opened(plant / "BESS/b1/BMS1_SOC.csv")


def test_positive_charge_turns_what_has_that_direction_and_nothing_else(write: Write, tmp_path: Path) -> None:
    """Discharge is positive inside; meters and states of charge are left alone."""
    for stem in ("bms1_c", "bms1_soc", "com_ap"):
        write(f"b1/{stem}.csv", f"ts,{stem}\n{T},5\n")
    write("bessline.yaml", "kind: signal_folder\npositive: charge\n")
    found = {name: values[0][1] for job in opened(tmp_path).jobs for name, values in rows(job).items()}
    assert found == {"b1/bms.current": -5.0, "b1/bms.soc": 5.0, "b1/meter.active_power": 5.0}


def test_a_change_driven_folder_holds_its_values(write: Write, tmp_path: Path) -> None:
    """Six hours, unless the description says otherwise; delimiter and decimal are said, too."""
    write("b1/bms1_soc.csv", f"ts;bms1_soc\n{T};41,5\n")
    write("bessline.yaml", "kind: signal_folder\nchange_driven: true\ndelimiter: ';'\ndecimal: ','\n")
    source = opened(tmp_path)
    assert source.hold_s == 21_600
    assert only_rows(source) == [(UTC, 41.5)]
