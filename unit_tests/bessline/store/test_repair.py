"""Repair: what was damaged is in quarantine, what can be had again is the same, and the rest of the store serves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bessline.managers import Managers
from bessline.sources import open_source
from bessline.store import Store, ingest
from bessline.store.inlet import Inlet
from bessline.store.manifest_file import read_manifest
from bessline.store.repair import QUARANTINE, repair
from bessline.store.verify import verify
from unit_tests.batches import batch_of


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A signal folder of two signals."""
    folder = tmp_path / "raw" / "BESS" / "b1"
    folder.mkdir(parents=True)
    for name, base in (("bms1_soc", 40), ("bms1_cell_ave_v", 3)):
        rows = [f"2024-05-01T{minute // 60:02}:{minute % 60:02}:00Z,{base + minute / 1000}" for minute in range(900)]
        (folder / f"{name}.csv").write_text("\n".join([f"ts,{name}", *rows, ""]))
    return tmp_path / "raw"


@pytest.fixture
def store(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of it, with several row groups a file."""
    monkeypatch.setattr("bessline.store.columns.ROW_GROUP", 300)
    assert ingest([open_source(raw)], tmp_path / "store", workers=0).refused == []
    return tmp_path / "store"


def readings(store: Path) -> list[dict[str, object]]:
    return Managers(Store.open(store))["bms"].page("b1", limit=5000).rows()


def hurt(store: Path, wanted: Callable[[str], bool], at: float = 0.05) -> str:
    """Change a byte of the first file whose name fits; returns the name."""
    name = next(name for name in sorted(read_manifest(store).referenced()) if wanted(name))
    data = bytearray((store / name).read_bytes())
    data[int(len(data) * at)] ^= 0x10
    (store / name).write_bytes(data)
    return name


def is_rows(name: str) -> bool:
    return "soc" in name and "pyramid" not in name


@pytest.mark.parametrize(
    "wanted",
    [is_rows, lambda name: "pyramid" in name, lambda name: "timeline" in name],
    ids=["rows", "pyramid", "timeline"],
)
def test_what_can_be_made_again_is_the_same(store: Path, wanted: Callable[[str], bool]) -> None:
    """From the source or from the rows; the damaged file is kept."""
    right = readings(store)
    name = hurt(store, wanted)
    found = verify(store)
    assert [damage.file for damage in found.damages] == [name]
    assert [each.is_whole for each in repair(store, found.damages)] == [True]
    assert (store / QUARANTINE / name).exists()
    assert verify(store).damages == []
    assert readings(store) == right


def test_without_its_source_the_whole_row_groups_stay(store: Path, raw: Path) -> None:
    """The lost rows are named; when the export comes back, an ingest brings them."""
    right = readings(store)
    shutil.move(raw, raw.with_name("away"))
    hurt(store, is_rows)
    done = repair(store, verify(store).damages)
    assert [each.is_whole for each in done] == [False]
    assert "600 of its 900 rows" in done[0].outcome
    soc = [row["soc"] for row in readings(store)]
    assert soc[:300] == [None] * 300
    assert soc[300:] == [row["soc"] for row in right[300:]]
    shutil.move(raw.with_name("away"), raw)
    ingest([open_source(raw)], store, workers=0)
    assert readings(store) == right


def test_a_signal_that_is_lost_leaves_the_others(store: Path, raw: Path) -> None:
    """No footer, no source: the device goes on without it."""
    shutil.rmtree(raw)
    hurt(store, is_rows, at=0.99)
    (done,) = repair(store, verify(store).damages)
    assert "lost, 900 rows" in done.outcome
    assert list(Store.open(store).devices["b1"].signals) == ["bms.cell_avg_voltage"]
    assert len(readings(store)) >= 900


def test_a_journal_keeps_its_good_records(store: Path) -> None:
    """Those around the damaged one."""
    inlet = Inlet(Store.open(store))
    for at in range(3):
        inlet.write([batch_of("b1", "bms", [(60_000 + 60 * at, {"soc": 60.0 + at})])])
    inlet.close()
    (path,) = (store / "journal").glob("*.log")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (damage,) = verify(store).damages
    assert "2 good records" in repair(store, [damage])[0].outcome
    assert verify(store).damages == []
    assert {row["soc"] for row in readings(store)[-5:]} == {60.0, 62.0}


@pytest.mark.parametrize(("source", "whole"), [("same", True), ("grown", False), ("gone", False)])
def test_rows_that_were_rejected_are_had_again_from_the_file_they_were_in(raw: Path, source: str, whole: bool) -> None:
    """Where it is as it was; else it is said that they are lost, and nothing is made up."""
    soc, store = raw / "BESS" / "b1" / "bms1_soc.csv", raw.parent / "store"
    soc.write_text(soc.read_text() + "2024-05-02T00:00:00Z,high\n2024-05-02T00:01:00Z,low\n")
    ingest([open_source(raw)], store, workers=0)
    name = hurt(store, lambda name: name.startswith("rejects/"), at=0.0)
    kept = (store / name).read_text()
    if source == "grown":
        soc.write_text(soc.read_text() + "2024-05-03T00:00:00Z,41\n")
    elif source == "gone":
        shutil.rmtree(raw)
    (done,) = repair(store, verify(store).damages)
    assert done.is_whole == whole
    assert verify(store).damages == []
    again = [path.read_text() for path in (store / "rejects").iterdir()]
    assert [text.splitlines()[1:] for text in again] == ([kept.splitlines()[1:]] if whole else [])
    assert ("lost" in done.outcome) != whole


def test_rejected_rows_of_a_file_that_is_forgotten_are_lost(raw: Path) -> None:
    """Its rows are damaged, too, and it is gone: nothing is said to be made again."""
    soc, store = raw / "BESS" / "b1" / "bms1_soc.csv", raw.parent / "store"
    soc.write_text(soc.read_text() + "2024-05-02T00:00:00Z,high\n")
    ingest([open_source(raw)], store, workers=0)
    hurt(store, is_rows)
    name = hurt(store, lambda name: name.startswith("rejects/"), at=0.0)
    shutil.rmtree(raw)
    (done,) = (each for each in repair(store, verify(store).damages) if each.damage.file == name)
    assert (done.is_whole, "lost" in done.outcome) == (False, True)
    assert verify(store).damages == []
