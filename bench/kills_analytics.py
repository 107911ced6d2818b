"""kill -9 of a server at work: its analytics end with what those of an undisturbed server end with."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson

from bench.server import starting
from bessline.analyst.database import FILE
from bessline.analyst.log import decode
from bessline.demo import make_demo
from bessline.sources import open_source
from bessline.store import ingest

KILLS, DAYS = 12, 6
#: Numbers that differ by less are the same.
EQUAL = 1e-9
#: A device of its own is posted meanwhile: so many days, a row every so many seconds, so many rows a request.
LIVE, LIVE_DAYS, LIVE_STEP_S, LIVE_ROWS = "live1", 5, 30, 120
#: 2026-01-01T00:00:00Z
_BEGIN_S = 1_767_225_600
_SETTLED_S, _PATIENCE_S = 12.0, 900.0
_ON = {"BESSLINE_ANALYTICS": "on"}


def main(folder: Path) -> None:
    """One server that is left alone, and one that is killed again and again."""
    raw = folder / "week-of-one"
    if not raw.exists():
        make_demo(raw, days=DAYS, devices=1, seed=11, faults="default")
    stores = {name: folder / f"analytics-{name}" for name in ("undisturbed", "killed")}
    for store in stores.values():
        shutil.rmtree(store, ignore_errors=True)
    ingest([open_source(raw)], stores["undisturbed"])
    shutil.copytree(stores["undisturbed"], stores["killed"])
    took_s = {name: _run(store, kills=KILLS if name == "killed" else 0) for name, store in stores.items()}
    found = differences(*(store / FILE for store in stores.values()))
    counts = ", ".join(f"{count} {name}" for name, count in events_of(stores["killed"] / FILE).items())
    print(
        f"{KILLS} kills within {took_s['killed']:.0f} s (undisturbed {took_s['undisturbed']:.0f} s), {counts}: "
        f"{len(found)} differences beyond {EQUAL:g}{''.join(f'; {each}' for each in found[:5])}"
    )


def _run(store: Path, *, kills: int) -> float:
    """Serve `store` and post to it until all is analysed, with so many kills meanwhile; how long that took."""
    dice, began = random.Random(kills), time.monotonic()
    served = _Served(store)
    poster = threading.Thread(target=_post, args=(served,), daemon=True)
    poster.start()
    for kill in range(kills):
        time.sleep(dice.uniform(0.5, 5.0))
        served.kill(kill)
    poster.join()
    _wait_until_settled(served)
    served.end()
    return time.monotonic() - began - _SETTLED_S


class _Served:
    """A server that is started again whenever it was killed."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._process, self.url = starting(store, variables=_ON)

    def kill(self, number: int) -> None:
        """In turn: the server alone, the analytics alone, both at once."""
        children, whole = _children(self._process.pid), number % 3 != 1
        victims = [self._process.pid] if number % 3 == 0 else children if not whole else [self._process.pid, *children]
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if whole:
            self._process.wait()
            self._process, self.url = starting(self._store, variables=_ON)

    def end(self) -> None:
        """As a user ends it."""
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)


def _children(pid: int) -> list[int]:
    """Linux alone says it so simply."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _post(served: _Served) -> None:
    """A day's swing with noise and a few spikes, each request until it is acknowledged."""
    noise = np.random.default_rng(5)
    steps = np.arange(LIVE_DAYS * 86_400 // LIVE_STEP_S)
    soc = np.round(50 + 40 * np.sin(2 * np.pi * steps * LIVE_STEP_S / 86_400) + noise.normal(0, 0.3, len(steps)), 2)
    volts = np.round(830 + 0.4 * (soc - 50) + noise.normal(0, 0.2, len(steps)), 2)
    volts[len(volts) * 4 // 5 :: 1000] += 25.0
    for first in range(0, len(steps), LIVE_ROWS):
        rows = [
            {"timestamp": _stamp(step), "soc": float(soc[step]), "voltage": float(volts[step])}
            for step in range(first, min(first + LIVE_ROWS, len(steps)))
        ]
        while not _taken(served.url, rows):
            time.sleep(0.05)
        time.sleep(0.1)


def _taken(url: str, rows: list[dict[str, Any]]) -> bool:
    try:
        return httpx.post(f"{url}/ingest/{LIVE}/bms", json=rows).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _stamp(step: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(_BEGIN_S + int(step) * LIVE_STEP_S))


def _wait_until_settled(served: _Served) -> None:
    """Until the places of all devices have not moved for a while."""
    devices = [each["device_id"] for each in httpx.get(f"{served.url}/devices").json()["devices"]]
    before, since = None, time.monotonic()
    deadline = since + _PATIENCE_S
    while time.monotonic() - since < _SETTLED_S:
        now = [httpx.get(f"{served.url}/analytics/{name}").json()["readings"] for name in devices]
        if now != before:
            before, since = now, time.monotonic()
        if time.monotonic() > deadline:
            raise TimeoutError("the analytics do not come to rest")
        time.sleep(0.5)


def events_of(file: Path) -> dict[str, int]:
    """How many events of each name a database holds."""
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT name, count(*) FROM events GROUP BY name ORDER BY name"))


def differences(one: Path, other: Path) -> list[str]:
    """Where two databases of analytics say different things: events, how far they are, and what the methods know."""
    first, second = dict(_told(one)), dict(_told(other))
    only = [f"{key} is in one of them alone" for key in sorted(first.keys() ^ second.keys())]
    return only + [
        f"{key}{where}" for key in first.keys() & second.keys() for where in _unlike(first[key], second[key])
    ]


def _told(file: Path) -> Iterator[tuple[str, Any]]:
    with closing(sqlite3.connect(file)) as connection:
        for device, name, t_ms, nth, data in connection.execute(
            "SELECT device, name, t_ms, nth, data FROM events WHERE said = 0"
        ):
            yield f"{device} {name} {t_ms} {nth}", decode(data)
        for device, upto_ms, readings, watched, states in connection.execute(
            "SELECT device, upto_ms, readings, watched, states FROM places"
        ):
            yield f"{device} place", [upto_ms, readings, orjson.loads(watched), decode(states)]


def _unlike(one: Any, other: Any) -> Iterator[str]:
    """Paths at which two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from (f".{key}{rest}" for rest in _unlike(one[key], other[key]))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, pair in enumerate(zip(one, other, strict=True)):
            yield from (f"[{n}]{rest}" for rest in _unlike(*pair))
    elif isinstance(one, float) and isinstance(other, int | float):
        if not abs(one - other) <= EQUAL:
            yield f": {one} against {other}"
    elif one != other:
        yield f": {one!r} against {other!r}"
