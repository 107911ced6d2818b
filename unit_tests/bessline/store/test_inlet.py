"""The inlet: what it acknowledged is there after any crash, is read at once, and ends up in the files unchanged."""

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.errors import StoreFull, StoreLocked, StoreUnwritable
from bessline.managers import Managers
from bessline.store import Store, ingest, seal
from bessline.store.batch import Batch
from bessline.store.inlet import Bounds, Inlet
from bessline.store.journal import FOLDER
from bessline.store.lock import writing
from bessline.store.workers import executor
from unit_tests.batches import Row, batch_of
from unit_tests.bessline.store.test_state import batches, check, merged, store_of, stored
from unit_tests.plants import MAY_1, signal_job, source_of

BASE = {"bms.soc": [(0, 1.0), (30, 2.0)]}


def opened(folder: Path, **bounds: float) -> Inlet:
    return Inlet(store_of(folder, BASE, whole_rows=True), bounds=Bounds(**bounds))  # type: ignore[arg-type]


def soc(store: Store) -> list[float]:
    found = Managers(store)["bms"].page("b1", fields=["soc"], limit=999).columns["soc"]
    return [float(value) for value in found]


def test_it_counts_late_rows_and_duplicates(tmp_path: Path) -> None:
    """A row is late when the topic had a newer or equal stamp, a duplicate when all that it says was known."""
    with_base = opened(tmp_path)
    rows: list[Row] = [(30, {"soc": 2.0}), *[(31, {"soc": 5.0})] * 2, (10, {"soc": None}), (0, {"soc": 9.0})]
    taken = with_base.write([batch_of("b1", "bms", rows)])[0]
    assert (taken.batch.rows, taken.late, taken.duplicates) == (5, 3, 2)
    assert with_base.write([batch_of("b1", "bms", rows)])[0].duplicates == 5


def test_what_was_acknowledged_is_read_after_a_crash(tmp_path: Path) -> None:
    """Nothing is closed, and the end of the journal is torn: another process reads every acknowledged row."""
    crashed = opened(tmp_path)
    crashed.write([batch_of("b1", "bms", [(60, {"soc": 3.0})]), batch_of("b1", "bms", [(61, {"soc": 4.0})])])
    segment = next((tmp_path / "store" / FOLDER).glob("*.log"))
    with segment.open("ab") as file:
        file.write(b"BLJ\x01half a record")
    assert soc(Store.open(tmp_path / "store")) == [1.0, 2.0, 3.0, 4.0]
    crashed.close()
    again = Inlet(Store.open(tmp_path / "store"))
    again.recover()
    again.write([batch_of("b1", "bms", [(62, {"soc": 5.0})])])
    assert soc(Store.open(tmp_path / "store")) == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_sealing_moves_the_rows_into_the_files_and_changes_nothing(tmp_path: Path) -> None:
    """Before, after, and for who opens the store anew: the same rows; the journal is empty then."""
    live = opened(tmp_path)
    live.write([batch_of("b1", "bms", [(60, {"soc": 3.0}), (0, {"soc": 0.5})])])
    live.write([batch_of("new", "env", [(5, {"humidity": 40.0})])])
    before = soc(live.store)
    live.seal(workers=0)
    assert soc(live.store) == soc(Store.open(tmp_path / "store")) == before == [0.5, 2.0, 3.0]
    assert not live.store.state.tails
    assert live.store.devices["new"].live
    assert list((tmp_path / "store" / FOLDER).glob("*.log")) == []
    assert live.store.manifest.sealed == 2
    live.write([batch_of("b1", "bms", [(61, {"soc": 4.0})])])
    assert soc(Store.open(tmp_path / "store")) == [0.5, 2.0, 3.0, 4.0]


@settings(max_examples=10, deadline=None)
@given(stored(), st.booleans(), st.lists(st.one_of(batches(), st.none()), min_size=1, max_size=6), st.booleans())
def test_seals_at_any_moment_lose_and_repeat_nothing(
    signals: dict[str, list[tuple[int, float]]], whole_rows: bool, story: list[Batch | None], killed: bool
) -> None:
    """None is a seal; `killed`: each time the process dies between the swap of the manifest and the journal's end."""
    with TemporaryDirectory() as folder:
        store_of(Path(folder), signals, whole_rows=whole_rows)
        live = Inlet(Store.open(Path(folder) / "store"))
        for end, batch in enumerate(story, 1):
            if batch is not None:
                live.write([batch])
            elif killed and live.store.state.tails:
                seal.seal(live.store.path, live.store.state, pool=executor(0))
                live.close()
                live = Inlet(Store.open(Path(folder) / "store"))
                live.recover()
            else:
                live.seal(workers=0)
            check(live.store, merged(signals, [each for each in story[:end] if each]))
        live.close()


def test_an_ingest_beside_it_changes_neither_its_rows_nor_theirs(tmp_path: Path) -> None:
    """The lock is taken only while sealing; what an ingest brings is read with what came in alive."""
    live = opened(tmp_path)
    live.write([batch_of("b1", "bms", [(60, {"soc": 3.0})])])
    more = signal_job(tmp_path / "more", "b1/bms.soh", [0, 60], [99.0, 98.0])
    ingest([source_of(tmp_path / "more", more, whole_rows=True)], tmp_path / "store", workers=0)
    assert live.store.refresh()
    rows = Managers(live.store)["bms"].page("b1", fields=["soc", "soh"])
    assert (rows.columns["soc"].tolist(), rows.columns["soh"].tolist()) == ([1.0, 2.0, 3.0], [99.0, 99.0, 98.0])
    with writing(tmp_path / "store"), pytest.raises(StoreLocked, match="another ingest"):
        live.seal(workers=0)
    assert soc(live.store) == [1.0, 2.0, 3.0]


def test_one_process_takes_the_live_input_of_a_store(tmp_path: Path) -> None:
    """The second one is told so, and takes over once the first has gone."""
    first = opened(tmp_path)
    first.write([batch_of("b1", "bms", [(60, {"soc": 3.0})])])
    second = Inlet(Store.open(tmp_path / "store"))
    with pytest.raises(StoreLocked, match="another process takes the live input"):
        second.write([batch_of("b1", "bms", [(61, {"soc": 4.0})])])
    first.write([batch_of("b1", "bms", [(62, {"soc": 5.0})])])
    first.close()
    second.write([batch_of("b1", "bms", [(61, {"soc": 4.0})])])
    assert soc(second.store) == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_full_disk_refuses_all_of_it_and_heals_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a refused write is read, now or after a crash; the probe finds out when there is space again."""
    live = opened(tmp_path)
    live.write([batch_of("b1", "bms", [(60, {"soc": 3.0})])])

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", full)
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreFull):
            live.write([batch_of("b1", "bms", [(61, {"soc": 4.0})])])
        live.probe()
        assert "no space left" in str(live.failure)
    assert soc(live.store) == soc(Store.open(tmp_path / "store")) == [1.0, 2.0, 3.0]
    live.probe()
    assert str(live.failure) == "None"
    live.write([batch_of("b1", "bms", [(62, {"soc": 5.0})])])
    assert soc(Store.open(tmp_path / "store")) == [1.0, 2.0, 3.0, 5.0]


@pytest.mark.parametrize("where", ["bessline.store.inlet.hold", "bessline.store.inlet.Journal"])
def test_a_disk_that_is_full_before_the_first_row_is_a_failure_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The journal cannot be begun. It says so for as long as it lasts, without another row, and lets go of nothing
    that it does not have."""
    live = opened(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(where, full)
        with pytest.raises(StoreFull):
            live.write([batch_of("b1", "bms", [(60, {"soc": 3.0})])])
        live.probe()
        assert "again as soon as there is some" in str(live.failure)
        live.close()
    live.probe()
    assert str(live.failure) == "None"
    live.write([batch_of("b1", "bms", [(60, {"soc": 3.0})])])
    assert soc(Store.open(tmp_path / "store")) == [1.0, 2.0, 3.0]


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is not touched: there is no journal afterwards."""
    live = opened(tmp_path)
    monkeypatch.setattr(Store, "writable", False)
    live.recover()
    with pytest.raises(StoreUnwritable, match="read-only"):
        live.write([batch_of("b1", "bms", [(60, {"soc": 3.0})])])
    assert not (tmp_path / "store" / FOLDER).exists()


def test_it_says_when_it_is_full(tmp_path: Path) -> None:
    """By the number of values or by their age; beyond the last bound nothing more is taken."""
    live = opened(tmp_path, values=2, most_values=4)
    for n in range(5):
        assert live.is_full() == (n >= 2)
        live.write([batch_of("b1", "bms", [(60 + n, {"soc": 3.0})])])
    with pytest.raises(StoreFull, match="waits to be moved"):
        live.write([batch_of("b1", "bms", [(70, {"soc": 3.0})])])
    live.seal(workers=0)
    assert not live.is_full()
    now = [0.0]
    aged = Inlet(Store.open(tmp_path / "store"), bounds=Bounds(age_s=10), monotonic=lambda: now[0])
    live.close()
    aged.write([batch_of("b1", "bms", [(80, {"soc": 3.0})])])
    now[0] = 11
    assert aged.is_full()


def test_stamps_and_zone_of_a_new_device_are_kept(tmp_path: Path) -> None:
    """A topic that begins with whole rows keeps their stamps; sparse ones get a grid; both survive the seal."""
    live = opened(tmp_path)
    rows: list[Row] = [(t + 0.5, {"soc": float(t)}) for t in range(0, 50, 10)]
    live.write([batch_of("w", "bms", rows), batch_of("g", "bms", rows, whole_rows=False)])
    for _ in range(2):
        managers = Managers(live.store)
        assert managers["bms"].page("w").t_ms.tolist()[:2] == [MAY_1 + 500, MAY_1 + 10_500]
        assert managers["bms"].page("g").t_ms.tolist()[:2] == [MAY_1 + 10_000, MAY_1 + 20_000]
        assert managers["bms"].timeline("g").period_s == 10
        live.seal(workers=0)
