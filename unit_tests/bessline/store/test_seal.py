"""Sealing: rows of the journal become rows of the files; what they replaced is kept beside them."""

from pathlib import Path

from bessline.managers import Managers
from bessline.store import Store
from bessline.store.inlet import Inlet
from bessline.store.seal import LIVE_INPUT, seal
from bessline.store.workers import executor
from unit_tests.batches import batch_of
from unit_tests.bessline.store.test_state import store_of


def test_a_replaced_value_is_kept_in_a_reject_file(tmp_path: Path) -> None:
    """Every seal adds to what the manifest knows of live input."""
    live = Inlet(store_of(tmp_path, {"bms.soc": [(0, 1.0), (30, 2.0)]}, whole_rows=True))
    for n in (1, 2):
        live.write([batch_of("b1", "bms", [(30, {"soc": 2.0 + n})])])
        live.seal(workers=0)
    entry = Store.open(tmp_path / "store").manifest.files[LIVE_INPUT]
    assert (entry.rows, entry.signals, len(entry.reject_files)) == (2, ("b1/bms.soc",), 2)
    lost = "".join((tmp_path / "store" / name).read_text() for name in entry.reject_files)
    assert "b1/bms.soc 2024-05-01T00:00:30.000Z 2.0" in lost
    assert "b1/bms.soc 2024-05-01T00:00:30.000Z 3.0" in lost


def test_replaced_files_go_with_the_next_seal(tmp_path: Path) -> None:
    """Not at once, for readers of the earlier manifest; but they do not pile up."""
    live = Inlet(store_of(tmp_path, {"bms.soc": [(0, 1.0)]}, whole_rows=True))
    counts = []
    for n in range(4):
        live.write([batch_of("b1", "bms", [(60 + n, {"soc": 5.0})])])
        live.seal(workers=0)
        counts.append(len(list((tmp_path / "store" / "devices").rglob("*.parquet"))))
    assert counts[1:] == [counts[0]] * 3


def test_sealing_twice_what_was_sealed_changes_nothing(tmp_path: Path) -> None:
    """A process that died behind the swap leaves rows in both places: they are still the same rows."""
    live = Inlet(store_of(tmp_path, {"bms.soc": [(0, 1.0)]}, whole_rows=True))
    live.write([batch_of("b1", "bms", [(60, {"soc": 5.0}), (0, {"soc": 2.0})])])
    for _ in range(2):
        seal(live.store.path, live.store.state, pool=executor(0))
        assert Managers(Store.open(tmp_path / "store"))["bms"].page("b1").columns["soc"].tolist() == [2.0, 5.0]
