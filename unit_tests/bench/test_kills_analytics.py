"""A server that is killed while its analytics work ends with what an undisturbed one ends with."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from bench.kills_analytics import differences, events_of
from bessline.analyst.database import FILE, Database
from bessline.analyst.log import Log, Saved
from bessline.analyst.walk import Walk, subject_of
from bessline.analytics.base import Event as Found
from bessline.sources import open_source
from bessline.store import Store, ingest
from unit_tests.served import PATIENCE_S, Server, server_of


def database(folder: Path, *, score: float = 0.5, readings: int = 3) -> Path:
    """What the analytics of one device found."""
    folder.mkdir()
    held = Database(folder / FILE, store_id="s")
    found = [Found("anomaly", 1000, {"score": score, "signal": "soc"})]
    Log(held).commit("b1", found, Saved(1000, readings, {"period_s": 30.0}, {"anomaly": {"score": [score, None]}}))
    held.close()
    return folder / FILE


def test_equal_databases_have_no_differences(tmp_path: Path) -> None:
    """Rounding is none."""
    assert differences(database(tmp_path / "a"), database(tmp_path / "b", score=0.5 + 1e-12)) == []


def test_every_difference_is_named(tmp_path: Path) -> None:
    """A comparison that cannot fail proves nothing."""
    one, other = database(tmp_path / "a"), database(tmp_path / "b", score=0.6, readings=4)
    assert sorted(differences(one, other)) == [
        "b1 anomaly 1000 0.score: 0.5 against 0.6",
        "b1 place[1]: 3 against 4",
        "b1 place[3].anomaly.score[0]: 0.5 against 0.6",
    ]
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("DELETE FROM events")
        connection.commit()
    assert "b1 anomaly 1000 0 is in one of them alone" in differences(one, other)


@pytest.fixture
def store(tiny_plant: Path, tmp_path: Path) -> Path:
    """One unit of the tiny plant: a day of it is enough to be killed in."""
    source = open_source(tiny_plant)
    jobs = tuple(job for job in source.jobs if job.signals[0].device_id == "bess1")
    ingest([replace(source, jobs=jobs)], tmp_path / "store", workers=0)
    return tmp_path / "store"


@pytest.fixture
def analysing(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Server]]:
    """Starts servers with their analytics, each of a store of its own."""
    monkeypatch.setenv("BESSLINE_ANALYTICS", "on")
    servers: list[Server] = []

    def start(name: str) -> Server:
        shutil.copytree(store, tmp_path / name)
        servers.append(server_of(tmp_path / name))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@contextmanager
def places(file: Path) -> Iterator[dict[str, int]]:
    """How many readings of each device were seen."""
    with closing(sqlite3.connect(file)) as connection:
        yield dict(connection.execute("SELECT device, readings FROM places"))


def wait_for(file: Path, readings: int) -> None:
    """Until so many readings were seen, and that is kept."""
    deadline, pause = monotonic() + 3 * PATIENCE_S, Event()
    while True:
        with places(file) as found:
            if sum(found.values()) >= readings:
                return
        assert monotonic() < deadline, f"{readings} readings were not seen in time"
        pause.wait(0.05)


def all_readings(folder: Path) -> int:
    """How many there are to see."""
    store = Store.open(folder)
    walks = [Walk(store, subject) for name, device in store.devices.items() if (subject := subject_of(name, device))]
    return sum(walk.count(walk.last_ms() or 0) for walk in walks)


def test_a_kill_changes_nothing(analysing: Callable[[str], Server], tmp_path: Path) -> None:
    """Scores, events, alarms and the state of every method, to 1e-9."""
    alone, file = tmp_path / "alone" / FILE, tmp_path / "killed" / FILE
    analysing("alone")
    killed = analysing("killed")
    wait_for(file, 1)
    killed.kill()
    with places(file) as seen:
        assert sum(seen.values()) < all_readings(file.parent), "there was nothing left to do after the kill"
    killed.start()
    for each in (alone, file):
        wait_for(each, all_readings(each.parent))
    assert differences(alone, file) == []
    assert events_of(file)
