"""The analyst: every device in its turn."""

from __future__ import annotations

import logging
import multiprocessing
from pathlib import Path

import pytest

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
