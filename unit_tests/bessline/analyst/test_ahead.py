"""Ageing is known before the walk is there, and it is what the walk finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bench.kills_analytics import differences
from bessline.analyst import ahead as module
from bessline.analyst.analyst import Analyst
from bessline.analyst.events import Events, Wish
from bessline.analyst.log import Log
from bessline.analyst.lookback import LookBack
from bessline.analyst.reports import Report
from bessline.analytics import Analytic, Event, Reading, Subject
from bessline.analytics.degradation import Degradation
from bessline.store import Store, ingest
from bessline.store.inlet import Inlet
from unit_tests.batches import batch_of
from unit_tests.bessline.analyst.watching import log_of, store_of
from unit_tests.bessline.analytics.charging import DAY_MS, Paper
from unit_tests.plants import MAY_1, signal_job, source_of

DAYS = 12
WEEK_MS = 7 * DAY_MS


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Days with a charge each; one cell falls."""
    folder = tmp_path_factory.mktemp("paper")
    paper = Paper(packs=1, per_pack=4, drift={"p1_v2": -0.5})
    readings = [reading for day in range(DAYS) for reading in paper.day(day)]
    t_s = np.array([(reading.t_ms - MAY_1) / 1000 for reading in readings])
    columns = np.stack([reading.value for reading in readings], axis=1)
    jobs = [
        signal_job(folder, f"bess1/{name}", t_s, values)
        for name, values in zip(paper.subject.signals, columns, strict=True)
    ]
    ingest([source_of(folder, *jobs)], folder / "store", workers=0)
    return Store.open(folder / "store")


def make(subject: Subject) -> list[Analytic]:
    return [Degradation(subject)]


def analyst_of(store: Store, log: Log) -> Analyst:
    return Analyst(store, log, make=make, tell=lambda report: None)


def through(store: Store, folder: Path) -> Log:
    folder.mkdir()
    log = log_of(store, folder)
    analyst = analyst_of(store, log)
    while analyst.turn():
        pass
    return log


def told(log: Log) -> list[int]:
    return [entry.t_ms for entry in Events(log.database).page(Wish("bess1", "degradation"), limit=1000)]


def test_what_is_read_ahead_is_what_the_walk_finds(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last event and the state, before the walk has begun; and in the end nothing is there twice or differs."""
    plain = through(store, tmp_path / "plain")
    monkeypatch.setattr(module, "FAR_MS", WEEK_MS)
    (tmp_path / "ahead").mkdir()
    log = log_of(store, tmp_path / "ahead")
    analyst = analyst_of(store, log)
    while log.ahead("bess1") is None:
        assert analyst.turn()
    assert log.saved("bess1") is None
    known, end = log.ahead("bess1"), plain.saved("bess1")
    assert known is not None
    assert end is not None
    assert (known.upto_ms, known.states) == (end.upto_ms, end.states)
    assert told(log) == told(plain)[-1:]
    while analyst.turn():
        pass
    assert log.ahead("bess1") is None
    assert len(told(log)) == DAYS
    assert differences(tmp_path / "plain" / "analytics.db", tmp_path / "ahead" / "analytics.db") == []


def test_live_input_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever speaks now is seen in every turn; the walks through the past wait for what is read ahead."""
    past = store_of(tmp_path, rows=50)
    inlet = Inlet(past)
    inlet.write([batch_of("now", "bms", [(n * 30, {"soc": 50.0}) for n in range(50)])])
    told: list[Report] = []
    analyst = Analyst(Store.open(past.path), log_of(past, tmp_path), make=make, tell=told.append)
    pending = [True]
    monkeypatch.setattr(module.Ahead, "go", lambda self, *, budget_s: bool(pending))
    assert analyst.turn()
    analyst.report()
    assert {name: standing.readings for name, standing in told[-1].standings.items()} == {"b1": 0, "now": 50}
    pending.clear()
    while analyst.turn():
        pass
    assert told[-1].standings["b1"].readings == 50
    inlet.close()


def test_a_failure_leaves_the_walk_alone(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be read ahead is found later."""

    def break_down(self: LookBack) -> Sequence[Event]:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "FAR_MS", WEEK_MS)
    monkeypatch.setattr(LookBack, "steps", break_down)
    log = through(store, tmp_path / "broken")
    assert "cannot be read ahead" in caplog.text
    assert len(told(log)) == DAYS


def test_another_history_forgets_what_was_read_ahead(store: Store, tmp_path: Path) -> None:
    """A start that finds no place begins with nothing."""
    log = log_of(store, tmp_path)
    log.keep_ahead("bess1", [Event("degradation", 5, {})], upto_ms=9, states={"degradation": {}})
    analyst_of(store, log)
    assert log.ahead("bess1") is None
    assert told(log) == []


def test_a_battery_without_cells_has_no_event(store: Store) -> None:
    """But a state: what went through it."""
    look = LookBack(store, subject := Subject("bess1", ("bms.current",), 30.0), Degradation(subject))
    assert sum(1 for _ in look.steps()) >= 1
    assert look.newest == []
    assert look.method.update(Reading(2_000_000_000_000, np.array([np.nan]))) == ()
