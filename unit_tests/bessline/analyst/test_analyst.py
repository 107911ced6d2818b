"""The analyst: every device in its turn."""

from __future__ import annotations

import logging
import multiprocessing
from pathlib import Path

import pytest

from bessline.analyst import analyst as module
from bessline.analyst.analyst import Analyst, Remarks
from bessline.analyst.reports import Remark, Report
from bessline.store import Store, ingest
from bessline.store.inlet import Inlet
from unit_tests.batches import batch_of
from unit_tests.bessline.analyst.watching import job, log_of, make, scores, store_of
from unit_tests.plants import source_of

pytestmark = pytest.mark.usefixtures("trusted")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(tmp_path, rows=300)


def test_it_sees_all_and_reports(store: Store, tmp_path: Path) -> None:
    """A device that comes later has its turn, too."""
    told: list[Report] = []
    log = log_of(store, tmp_path)
    analyst = Analyst(store, log, make=make, tell=told.append)
    while analyst.turn():
        pass
    standing = told[-1].standings["b1"]
    assert (standing.readings, standing.behind_ms) == (300, 0)
    assert told[-1].last_seq == len(scores(log)) > 0
    ingest([source_of(tmp_path / "raw", job(tmp_path, rows=9, name="b2/bms.soc"))], tmp_path / "store", workers=0)
    analyst.turn()
    assert told[-1].standings["b2"].readings == 9


def test_before_the_first_turn_all_is_still_to_be_seen(store: Store, tmp_path: Path) -> None:
    """Who has seen nothing has not seen all."""
    told: list[Report] = []
    Analyst(store, log_of(store, tmp_path), make=make, tell=told.append).report()
    assert told[-1].standings["b1"].behind_ms == 299 * 30_000


def test_live_input_is_kept_in_the_turn_that_sees_it(store: Store, tmp_path: Path) -> None:
    """An event does not wait for the next time that something is kept."""
    told: list[Report] = []
    log = log_of(store, tmp_path)
    analyst = Analyst(store, log, make=make, tell=told.append, monotonic=lambda: 0.0)
    analyst.turn()
    before, inlet = len(scores(log)), Inlet(Store.open(store.path))
    inlet.write([batch_of("b1", "bms", [(300 * 30, {"soc": 99.0})])])
    assert not analyst.turn()
    assert len(scores(log)) == before + 1
    assert told[-1].last_seq > told[0].last_seq
    inlet.close()


def test_live_input_that_calls_is_seen_before_the_past_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn of many walks ends after the next of them, and no walk is left out for ever."""
    jobs = [job(tmp_path, rows=200, name=f"b{n}/bms.soc") for n in range(4)]
    ingest([source_of(tmp_path / "raw0", *jobs)], tmp_path / "store", workers=0)
    store = Store.open(tmp_path / "store")
    monkeypatch.setattr(module, "TURN_S", 0.0)
    told: list[Report] = []
    analyst = Analyst(store, log_of(store, tmp_path), make=make, tell=told.append, called=lambda: True)
    seen = []
    for _ in range(4):
        assert analyst.turn()
        analyst.report()
        seen.append(sum(standing.readings > 0 for standing in told[-1].standings.values()))
    assert seen == [1, 2, 3, 4]


def test_what_it_logs_is_sent() -> None:
    """The process that started it writes the log."""
    inward, outward = multiprocessing.Pipe(duplex=False)
    logger = logging.getLogger("unit_tests.remarks")
    handler = Remarks(outward)
    logger.addHandler(handler)
    logger.warning("%s is odd", "b1")
    logger.removeHandler(handler)
    assert inward.recv() == Remark(logging.WARNING, "b1 is odd")
    inward.close()
    outward.close()
