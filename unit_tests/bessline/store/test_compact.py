"""Compaction: the same answers from fewer bytes, twice the same, and whole wherever it is cut short."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bessline.errors import StoreLocked
from bessline.managers import Managers
from bessline.store import Store, ingest
from bessline.store.compact import compact
from bessline.store.inlet import Inlet
from bessline.store.manifest_file import read_manifest
from bessline.store.verify import verify
from unit_tests.batches import batch_of
from unit_tests.plants import signal_job, source_of


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a replaced generation, live input, and a killed ingest's staging."""
    for value in (20.0, 21.0):
        jobs = [
            signal_job(tmp_path / "raw", f"b1/bms.{name}", range(0, 600, 60), [value] * 10) for name in ("soc", "soh")
        ]
        ingest([source_of(tmp_path / "raw", *jobs)], tmp_path / "store", workers=0)
    inlet = Inlet(Store.open(tmp_path / "store"))
    inlet.write([batch_of("b1", "bms", [(600, {"soc": 22.0})])])
    inlet.close()
    (tmp_path / "store" / "staging" / "killed").mkdir(parents=True)
    return tmp_path / "store"


def readings(store: Path) -> list[dict[str, object]]:
    return Managers(Store.open(store))["bms"].page("b1", limit=100).rows()


def needless(store: Path) -> set[str]:
    found = {str(path.relative_to(store)) for path in (store / "devices").rglob("*") if path.is_file()}
    return found - read_manifest(store).referenced()


def test_it_keeps_the_answers_and_nothing_else(store: Path) -> None:
    """Live input is in the files; no old generation, no staging, no journal segment; again changes nothing."""
    right = readings(store)
    done = compact(store)
    assert (done.sealed, done.rewritten) == (1, 0)
    assert done.removed > 0
    assert readings(store) == right
    assert (needless(store), list((store / "staging").iterdir()), list((store / "journal").glob("*.log"))) == (
        set(),
        [],
        [],
    )
    generation = read_manifest(store).generation
    again = compact(store)
    assert (again.sealed, again.rewritten, again.removed, again.freed) == (0, 0, 0, 0)
    assert read_manifest(store).generation == generation


def test_files_of_an_earlier_version_are_signed(store: Path) -> None:
    """Written anew, with the same rows."""
    right = readings(store)
    path = store / read_manifest(store).devices["b1"].signals["bms.soh"].file
    table = pq.read_table(path).replace_schema_metadata(None)
    pq.write_table(table, path, write_page_checksum=True)
    assert verify(store).unsigned == 1
    assert compact(store).rewritten == 1
    assert verify(store).unsigned == 0
    assert readings(store) == right


def test_a_server_with_live_input_is_not_disturbed(store: Path) -> None:
    """It compacts by itself."""
    inlet = Inlet(Store.open(store))
    inlet.recover()
    with pytest.raises(StoreLocked, match="end it first"):
        compact(store)
    inlet.close()


def test_cut_short_the_store_is_whole(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the swap of the manifest, and at the clearing up; then it goes on."""
    right = readings(store)
    for place in ("bessline.store.commit.write_manifest", "bessline.store.compact.sweep"):
        with monkeypatch.context() as patch:
            patch.setattr(place, _killed)
            with pytest.raises(KeyboardInterrupt):
                compact(store)
        assert readings(store) == right
        assert verify(store).damages == []
    compact(store)
    assert readings(store) == right


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
