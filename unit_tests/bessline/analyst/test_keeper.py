"""The keeper, with the process itself."""

from __future__ import annotations

import os
import queue
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bessline.analyst import keeper as module
from bessline.analyst.database import FILE, Database
from bessline.analyst.keeper import Keeper
from bessline.analyst.log import Log
from bessline.analyst.reports import Order, Report
from bessline.store import Store
from unit_tests.bessline.analyst.watching import store_of

PATIENCE_S = 60


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(tmp_path, rows=300)


@pytest.fixture
def heard() -> queue.Queue[Report]:
    return queue.Queue()


@pytest.fixture
def keeper(store: Store, heard: queue.Queue[Report], monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    keeper = Keeper(Order(store.path, store.path / FILE), hear=heard.put)
    keeper.start()
    yield keeper
    keeper.stop()


def until_seen(heard: queue.Queue[Report]) -> Report:
    """The first report that says that all is seen."""
    while True:
        report = heard.get(timeout=PATIENCE_S)
        if report.standings and report.standings["b1"].readings == 300:
            return report


def test_a_killed_process_is_started_again_and_goes_on(
    store: Store, keeper: Keeper, heard: queue.Queue[Report], caplog: pytest.LogCaptureFixture
) -> None:
    """It is noticed and logged; what was kept is not seen again. In the end nothing is left of it."""
    until_seen(heard)
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    while keeper.pid == first:
        keeper.wake()
        heard.get(timeout=PATIENCE_S)
    assert keeper.deaths == 1
    assert "the analytics ended (exit code -9)" in caplog.text
    until_seen(heard)
    assert keeper.alive
    second = keeper.pid
    keeper.stop()
    assert second is not None
    with pytest.raises(ProcessLookupError):
        os.kill(second, signal.SIGTERM)
    saved = Log(Database(store.path / FILE, store_id=store.id)).saved("b1")
    assert saved is not None
    assert saved.readings == 300


def test_one_that_was_never_started_can_be_stopped(store: Store) -> None:
    """As a server that goes while it loads does."""
    keeper = Keeper(Order(store.path, store.path / FILE), hear=lambda _: None)
    keeper.wake()
    keeper.stop()
    assert not keeper.alive
