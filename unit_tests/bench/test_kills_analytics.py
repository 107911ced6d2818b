"""A server that is killed while its analytics work ends with what an undisturbed one ends with."""

from __future__ import annotations

import math
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from time import monotonic

import httpx
import pytest

from bench.kills_analytics import differences, events_of
from bessline.analyst.database import FILE, Database
from bessline.analyst.log import Log, Saved
from bessline.analytics.base import Event as Found
from bessline.times import rfc3339
from unit_tests.bessline.analyst.watching import store_of
from unit_tests.plants import MAY_1
from unit_tests.served import PATIENCE_S, Server, server_of

PAST = 200


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
def analysing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Server]]:
    """Starts servers with their analytics, each of a store of its own."""
    monkeypatch.setenv("BESSLINE_ANALYTICS", "on")
    store_of(tmp_path, rows=PAST)
    servers: list[Server] = []

    def start(name: str) -> Server:
        shutil.copytree(tmp_path / "store", tmp_path / name)
        servers.append(server_of(tmp_path / name))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


def post(server: Server, first: int, last: int) -> None:
    """Rows of a battery that goes up and down, below the limit of an alarm, too."""
    rows = [
        {"timestamp": rfc3339(MAY_1 + 30_000 * n), "soc": 50 + 45 * math.sin(n / 20), "voltage": 830 + n % 7}
        for n in range(first, last)
    ]
    assert httpx.post(f"{server.url}/ingest/now/bms", json=rows).status_code == 200


def wait_for(file: Path, readings: int, *, device: str = "now") -> None:
    """Until so many of them were seen, and that is kept."""
    deadline, pause = monotonic() + 3 * PATIENCE_S, Event()
    while (found := seen(file, device)) < readings:
        assert monotonic() < deadline, f"{readings} readings of {device} were not seen in time, but {found}"
        pause.wait(0.05)


def seen(file: Path, device: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        row = connection.execute("SELECT readings FROM places WHERE device = ?", (device,)).fetchone()
    return 0 if row is None else int(row[0])


def test_a_kill_changes_nothing(analysing: Callable[[str], Server], tmp_path: Path) -> None:
    """Scores, events, alarms and the state of every method, to 1e-9: of what was seen before, amid, and after it."""
    alone, file = tmp_path / "alone" / FILE, tmp_path / "killed" / FILE
    undisturbed, killed = analysing("alone"), analysing("killed")
    for first in range(0, 600, 150):
        post(undisturbed, first, first + 150)
    post(killed, 0, 150)
    wait_for(file, 150)
    post(killed, 150, 300)
    killed.kill()
    killed.start()
    for first in (300, 450):
        post(killed, first, first + 150)
    for each in (alone, file):
        wait_for(each, 600)
        # live input goes before the past, which may not have been looked at yet
        wait_for(each, PAST, device="b1")
    assert differences(alone, file) == []
    assert events_of(file)["alarm"] > 2
