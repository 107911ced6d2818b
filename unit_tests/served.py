"""The real server as a process of its own, for tests that kill it; and what its store says was to be seen."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import httpx
import orjson

from bessline.managers import Managers
from bessline.store import Store

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 30.0
#: Seconds a row of the quick servers here, and the interval with which a client gets every one of them.
QUICK_S, EVERY = 0.04, 0.05
#: Readings to see before the kill, and after it: more than lie between the kill and the place reserved ahead.
BEFORE, AFTER = 25, 300


@dataclass
class Server:
    """A served store that a test may kill and start again."""

    command: list[str]
    url: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        # the analytics, a process more, have tests of their own
        environment = {"BESSLINE_ANALYTICS": "off", **os.environ}
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=environment, **quiet)
        deadline, pause = monotonic() + PATIENCE_S, Event()
        while not self._ready():
            assert self.process.poll() is None, f"the server ended by itself: {' '.join(self.command)}"
            assert monotonic() < deadline, "the server was not ready in time"
            pause.wait(0.05)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2.0).status_code == 200
        except httpx.TransportError:
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_of(store: Path, *options: str) -> Server:
    """Of `store`, on a free port; not started yet."""
    port = free_port()
    command = [sys.executable, "main.py", "serve", "--store", str(store), "--port", str(port), *options]
    return Server(command, f"http://127.0.0.1:{port}")


@dataclass
class Plant:
    """A quick server of a store of its own, and what that store holds."""

    server: Server
    store: Path

    @property
    def url(self) -> str:
        return self.server.url

    def restart(self, *, ahead_rows: int = 0) -> None:
        """`kill -9`, and start again; `ahead_rows` as if the clock had run on for so many rows of 30 s meanwhile."""
        self.server.kill()
        if ahead_rows:
            file = self.store / "live.json"
            places = orjson.loads(file.read_bytes())
            for place in places["clocks"].values():
                place["t_ms"] += ahead_rows * 30_000
            file.write_bytes(orjson.dumps(places))
        self.server.start()

    def truth(self, topic: str, device_id: str, readings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """All rows of the store from the first stamp among `readings` to the last, as a stream shows them."""
        manager, rows = Managers(Store.open(self.store))[topic], list[dict[str, Any]]()
        for page in manager.walk(device_id, fields=tuple(name for name in manager.fields if name in readings[0])):
            rows += page.rows()
        first, last = readings[0]["timestamp"], readings[-1]["timestamp"]
        return [{"device_id": device_id} | row for row in rows if first <= row["timestamp"] <= last]


@contextmanager
def quick_plant(store: Path, folder: Path, *, start: bool = True) -> Iterator[Plant]:
    """A quick server of a copy of `store` in `folder`, running unless not to `start`."""
    copy = folder / "served"
    shutil.copytree(store, copy)
    plant = Plant(server_of(copy, "--live-interval", str(QUICK_S)), copy)
    try:
        if start:
            plant.server.start()
        yield plant
    finally:
        plant.server.kill()
