"""A watch: what it finds does not depend on when, or how often, it was interrupted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.analyst import watch as module
from bessline.analyst.events import Events, Wish
from bessline.analyst.log import Log
from bessline.analyst.watch import Watch
from bessline.analytics import Analytic, Event, Reading, Subject
from bessline.store import Store, ingest
from bessline.store.compact import compact
from bessline.store.inlet import Inlet
from unit_tests.batches import batch_of
from unit_tests.bessline.analyst.watching import Smoothed, job, log_of, make, scores, store_of, watch_of
from unit_tests.plants import source_of

pytestmark = pytest.mark.usefixtures("trusted")
ROWS = 400
SIGNALS = ("bms.soc", "cells.p1_v2", "cells.p1_v10")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(tmp_path, rows=ROWS)


def through(store: Store, folder: Path) -> tuple[Log, Watch]:
    """The log of an undisturbed run."""
    folder.mkdir(exist_ok=True)
    log = log_of(store, folder)
    watch = watch_of(store, log)
    assert not watch.go(budget_s=60)
    watch.keep()
    return log, watch


def test_it_sees_all_and_says_where_it_is(store: Store, tmp_path: Path) -> None:
    """Every reading once, to the end."""
    log, watch = through(store, tmp_path / "a")
    saved = log.saved("b1")
    assert saved is not None
    assert (watch.readings, saved.upto_ms) == (ROWS, watch.last_ms())
    assert saved.states["anomaly"]["seen"] == saved.readings
    assert scores(log)


def test_kills_change_no_score(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not kept is found again, to the last bit, and nothing twice."""
    undisturbed, _ = through(store, tmp_path / "a")
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    (tmp_path / "b").mkdir()
    log = log_of(store, tmp_path / "b")
    for turn in range(500):
        watch = watch_of(store, log)
        monkeypatch.setattr(module, "KEEP_S", 0.0 if turn % 3 else 60.0)
        if not watch.go(budget_s=0 if turn % 5 else 0.001):
            watch.keep()
            break
    assert turn > 20
    assert scores(log) == scores(undisturbed)
    left, right = log.saved("b1"), undisturbed.saved("b1")
    assert left is not None
    assert right is not None
    assert (left.states, left.readings) == (right.states, right.readings)


def test_the_end_of_a_walk_is_kept_at_once(tmp_path: Path) -> None:
    """However little came last: nobody waits to hear that all was seen."""
    watch = watch_of(few := store_of(tmp_path, rows=45), log_of(few, tmp_path))
    while watch.go(budget_s=0):
        pass
    assert watch.is_due
    watch.keep()
    assert not watch.is_due


def go_on_with_more(watch: Watch, store: Store, tmp_path: Path) -> None:
    """50 rows more of each signal are taken in, and looked at."""
    more = [
        job(tmp_path, rows=50, first=ROWS, name=name) for name in ("b1/bms.soc", "b1/cells.p1_v2", "b1/cells.p1_v10")
    ]
    ingest([source_of(tmp_path / "more", *more)], tmp_path / "store", workers=0)
    store.follow()
    watch.look()
    watch.go(budget_s=60)


def test_an_ingest_that_appends_is_gone_on_with(store: Store, tmp_path: Path) -> None:
    """Not begun anew; and the same is found as in one go."""
    _, watch = through(store, tmp_path / "a")
    before = watch.readings
    go_on_with_more(watch, store, tmp_path)
    assert (watch.begun_anew, watch.readings) == (None, before + 50)


@pytest.mark.parametrize("kept", [True, False])
def test_history_that_changes_is_seen_anew(store: Store, tmp_path: Path, kept: bool) -> None:
    """Whether the change came while it looked or while it was away; what was found before is forgotten."""
    log, watch = through(store, tmp_path / "a")
    ingest([source_of(tmp_path / "raw", job(tmp_path, rows=9, first=-9))], tmp_path / "store", workers=0)
    store.follow()
    watch = watch if kept else Watch("b1", store=store, log=log, make=make)
    watch.look()
    assert watch.begun_anew == "its history begins at another time"
    assert (watch.upto_ms, scores(log), log.saved("b1")) == (None, [], None)


@pytest.mark.parametrize("kept", [True, False])
def test_what_retention_dropped_was_seen(
    store: Store, tmp_path: Path, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it went while it looked or while it was away: what was found stays, and later rows are gone on with."""
    monkeypatch.setattr("bessline.store.retention.DAY_MS", 3_600_000)
    log, watch = through(store, tmp_path / "a")
    found, upto_ms = scores(log), watch.upto_ms
    assert compact(tmp_path / "store", keeping={"raw": 3_600_000}).dropped > 0
    store.follow()
    watch = watch if kept else Watch("b1", store=store, log=log, make=make)
    watch.look()
    assert (watch.begun_anew, watch.upto_ms, scores(log)) == (None, upto_ms, found)
    before = watch.readings
    assert before < ROWS
    go_on_with_more(watch, store, tmp_path)
    assert (watch.begun_anew, watch.readings) == (None, before + 50)


def test_another_signal_is_another_subject(store: Store, tmp_path: Path) -> None:
    """The arrays of a method have a place for each."""
    _, watch = through(store, tmp_path / "a")
    ingest([source_of(tmp_path / "raw", job(tmp_path, rows=9, name="b1/bms.soh"))], tmp_path / "store", workers=0)
    store.follow()
    watch.look()
    assert watch.begun_anew == "it has other signals"
    assert not watch.go(budget_s=60)


def test_live_input_is_seen_at_once(store: Store, tmp_path: Path) -> None:
    """By a process that only follows the journal."""
    _, watch = through(store, tmp_path / "a")
    inlet = Inlet(Store.open(store.path))
    before = watch.readings
    for n in range(3):
        inlet.write([batch_of("b1", "bms", [((ROWS + n) * 30, {"soc": 99.0})], whole_rows=False)])
        assert store.follow()
        watch.look()
        watch.go(budget_s=60)
    assert watch.readings == before + 3
    assert watch.is_due
    inlet.close()


def test_a_method_that_fails_does_not_stop_the_others(store: Store, tmp_path: Path) -> None:
    """It is left alone after some tries."""

    class Broken(Smoothed):
        name = "forecast"
        tries = 0

        def update(self, reading: Reading) -> list[None]:  # type: ignore[override]
            Broken.tries += 1
            raise ZeroDivisionError

    def both(subject: Subject) -> list[Analytic]:
        return [Broken(subject), Smoothed(subject)]

    watch = Watch("b1", store=store, log=log_of(store, tmp_path), make=both)
    watch.look()
    watch.go(budget_s=60)
    assert (Broken.tries, watch.readings) == (3, ROWS)


def test_an_empty_device_is_nothing_to_watch(store: Store, tmp_path: Path) -> None:
    """It may come later."""
    watch = Watch("b2", store=store, log=log_of(store, tmp_path), make=make)
    watch.look()
    assert not watch.go(budget_s=1)
    assert watch.last_ms() is None
    watch.keep()


def test_time_goes_on_where_nothing_comes(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the pace of the machine's clock since the last reading came, less what may be on its way."""

    monkeypatch.setattr(
        Smoothed, "passed", lambda self, t_ms: [Event("alarm", t_ms, {"alarm_id": "quiet", "state": "raised"})]
    )
    now_s, log = [1000.0], log_of(store, tmp_path)
    watch = Watch("b1", store=store, log=log, make=make, monotonic=lambda: now_s[0])
    watch.look()
    watch.wait()
    assert not watch.go(budget_s=60)
    watch.keep()
    due = []
    for passed_s in (60.0, 840.0):
        now_s[0] += passed_s
        watch.wait()
        due.append(watch.is_due)
    assert due == [False, True]
    watch.keep()
    assert watch.upto_ms is not None
    found = Events(log.database).page(Wish("b1", "alarm"))
    assert [entry.t_ms for entry in found] == [watch.upto_ms + 840_000]
