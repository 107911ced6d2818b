"""Twins: two folders of one name are not silently one device."""

from pathlib import Path

import pytest

from bessline.errors import SourceError, StoreMissing
from bessline.sources import Source, open_source
from bessline.sources.twins import check_twins
from bessline.store import Store, ingest


def plant(root: Path, *, value: int = 50) -> Path:
    """A plant of one unit."""
    (root / "BESS" / "bess1").mkdir(parents=True)
    (root / "BESS" / "bess1" / "bms1_soc.csv").write_text(f"ts,bms1_soc\n2024-05-01 00:00:00,{value}\n")
    return root


def opened(root: Path, *, prefix: str = "") -> Source:
    return open_source(root, timezone="UTC", prefix=prefix)


def test_two_folders_of_one_name_are_refused_before_anything_is_taken_in(tmp_path: Path) -> None:
    """The message names both, and each way out."""
    sources = [opened(plant(tmp_path / name, value=value)) for name, value in (("berlin", 10), ("bonn", 90))]
    with pytest.raises(SourceError) as error:
        ingest(sources, tmp_path / "s", workers=0)
    for told in ("berlin/BESS/bess1", "bonn/BESS/bess1", "--prefix", "devices: {'bess1': another-name}", "after"):
        assert told in str(error.value)
    with pytest.raises(StoreMissing):
        Store.open(tmp_path / "s")


def test_each_way_out_is_one(tmp_path: Path) -> None:
    berlin, bonn = plant(tmp_path / "berlin"), plant(tmp_path / "bonn")
    check_twins([opened(berlin), opened(bonn, prefix="bonn-")])
    ingest([opened(berlin)], tmp_path / "s", workers=0)
    ingest([opened(bonn)], tmp_path / "s", workers=0)
    (bonn / "bessline.yaml").write_text("kind: signal_folder\ndevices: {bess1: bess2}\n")
    check_twins([opened(berlin), opened(bonn)])


def test_one_folder_may_be_named_twice_by_whatever_way(tmp_path: Path) -> None:
    berlin = plant(tmp_path / "berlin")
    (tmp_path / "link").symlink_to(berlin)
    sources = [opened(berlin), opened(berlin), opened(berlin / "BESS"), opened(tmp_path / "link")]
    check_twins(sources)


def test_a_device_that_a_description_names_may_come_from_anywhere(tmp_path: Path) -> None:
    """Its name was given, not met."""
    berlin, table = plant(tmp_path / "berlin"), tmp_path / "weather"
    table.mkdir()
    (table / "bess1.csv").write_text("time,temp\n2024-05-01T00:00:00Z,20\n")
    (table / "bessline.yaml").write_text(
        "kind: wide_table\ntimestamp: time\ntimezone: UTC\n"
        "columns: [{column: temp, device: bess1, topic: env, field: temperature}]\n"
    )
    ingest([opened(berlin), open_source(table)], tmp_path / "s", workers=0)
    assert set(Store.open(tmp_path / "s").devices["bess1"].signals) == {"bms.soc", "env.temperature"}
