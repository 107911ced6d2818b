"""The opened store: sees swaps, survives replaced files, and says what is damaged."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bessline.errors import StoreDamaged, StoreMissing
from bessline.store import Store, ingest
from bessline.store.archive import reading_fields
from bessline.store.row_group_cache import RowGroupCache
from unit_tests.plants import signal_job, source_of


@pytest.fixture
def store(tmp_path: Path) -> Path:
    job = signal_job(tmp_path / "raw", "b1/bms.soc", range(0, 900, 30), np.zeros(30))
    ingest([source_of(tmp_path / "raw", job)], tmp_path / "s", workers=0)
    return tmp_path / "s"


def _grow(store: Path) -> None:
    job = signal_job(store.parent / "raw", "b1/bms.soc", range(0, 1800, 30), np.ones(60))
    ingest([source_of(store.parent / "raw", replace(job))], store, workers=0)


def test_refresh_tells_whether_the_store_was_swapped(store: Path) -> None:
    """Nothing new: False. After an ingest: True, and the new rows are seen."""
    opened = Store.open(store)
    assert not opened.refresh()
    _grow(store)
    assert opened.refresh()
    assert opened.devices["b1"].topics["bms"].rows == 63
    assert opened.writable


def test_a_reader_of_a_swept_generation_recovers(store: Path) -> None:
    """Two ingests later its files are gone; it reads the manifest again instead of failing."""
    opened = Store.open(store)
    _grow(store)
    _grow(store)
    assert opened.readings("b1", "bms").span(None, None) == (0, 63)


def test_reserved_memory_changes_nothing_that_is_read(store: Path) -> None:
    """And is no more than the rows come to: here nothing."""
    opened = Store.open(store)
    before = opened.readings("b1", "bms").at(0, 99, fields=("soc",))
    opened.reserve()
    after = Store.open(store).readings("b1", "bms").at(0, 99, fields=("soc",))
    np.testing.assert_array_equal(before.columns["soc"], after.columns["soc"])
    assert opened._cache._arena is not None
    assert opened._cache._arena.slots == 0


def test_readings_are_made_once_for_a_state(store: Path) -> None:
    """Whoever asks twice gets the same; after an ingest they are those of the new files, and a walk has its own."""
    opened = Store.open(store)
    first = opened.readings("b1", "bms")
    assert opened.readings("b1", "bms") is first
    assert opened.readings("b1", "bms", cache=RowGroupCache()) is not first
    assert opened.readings("b1", "bms") is first
    _grow(store)
    opened.refresh()
    assert opened.readings("b1", "bms").span(None, None) == (0, 63)
    assert first.span(None, None) != (0, 63)


def test_a_missing_file_is_damage(store: Path) -> None:
    """A file that the newest manifest names and the disk has not is an error that names it."""
    opened = Store.open(store)
    name = opened.devices["b1"].signals["bms.soc"].file
    (store / name).unlink()
    with pytest.raises(StoreDamaged, match="bms-soc"):
        opened.readings("b1", "bms")


def test_no_store_no_opening(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        Store.open(tmp_path)


def test_the_fields_of_bess_carry_their_topic() -> None:
    """bms first, then pcs, aux, env, safety; no meter."""
    fields = reading_fields("bess")
    assert fields[0] == "bms_soc"
    assert {name.split("_")[0] for name in fields} == {"bms", "pcs", "aux", "env", "safety"}
