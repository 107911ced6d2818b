"""From a POSTed reading that raises an alarm to the event on an open stream, through the real processes."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import orjson
from httpx_sse import connect_sse

from bench.figures import percentile
from bench.server import starting
from bessline.demo import make_demo
from bessline.sources import open_source
from bessline.store import ingest

DEVICE, READINGS, STEP_S = "alarmed", 100, 30
#: 2026-01-01T00:00:00Z
_BEGIN_S = 1_767_225_600


def main(folder: Path) -> None:
    """A smoke detector that goes on and off, beside a plant whose history is still being walked through, and after."""
    raw, store = folder / "week", folder / "post-to-event"
    if not raw.exists():
        make_demo(raw, days=7, devices=2, seed=3)
    shutil.rmtree(store, ignore_errors=True)
    ingest([open_source(raw)], store)
    server, url = starting(store, variables={"BESSLINE_ANALYTICS": "on"})
    try:
        _wait_while(url, "begins")
        _measure(url, "beside a walk through a week of 2 units", first=0)
        _wait_while(url, "still")
        _measure(url, "with nothing else to see", first=READINGS)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def _wait_while(url: str, word: str) -> None:
    """As long as the health of the analytics says so."""
    while word in httpx.get(f"{url}/readyz").json()["components"]["analytics"]["detail"]:
        time.sleep(0.5)


def _measure(url: str, when: str, *, first: int) -> None:
    heard: dict[str, float] = {}
    posted: dict[str, float] = {}
    _post(url, first, posted)
    ready = threading.Event()
    listener = threading.Thread(target=_listen, args=(url, heard, ready), daemon=True)
    listener.start()
    ready.wait(30)
    for step in range(first + 1, first + READINGS):
        _post(url, step, posted)
        time.sleep(0.05)
    listener.join(10)
    took_ms = [1000 * (heard[stamp] - posted[stamp]) for stamp in heard.keys() & posted.keys()]
    print(
        f"POST to alarm event, {when}: p50 {statistics.median(took_ms):.0f} ms, "
        f"p99 {percentile(took_ms, 0.99):.0f} ms, max {max(took_ms):.0f} ms, {len(took_ms)} of {READINGS - 1} heard; "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _post(url: str, step: int, posted: dict[str, float]) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(_BEGIN_S + step * STEP_S))
    posted[stamp] = time.monotonic()
    row = {"timestamp": stamp, "fa1_smoke_flag": step % 2, "fa1_co": 1}
    httpx.post(f"{url}/ingest/{DEVICE}/safety", json=row).raise_for_status()


def _listen(url: str, heard: dict[str, float], ready: threading.Event) -> None:
    """Who comes before the player knows the new device is told to come back in a moment, and does."""
    with httpx.Client(timeout=60) as client, suppress(httpx.TransportError):
        while len(heard) < READINGS - 1:
            _hear(client, url, heard, ready)


def _hear(client: httpx.Client, url: str, heard: dict[str, float], ready: threading.Event) -> None:
    with connect_sse(client, "GET", f"{url}/safety/{DEVICE}/stream", params={"interval": 0.05}) as source:
        for event in source.iter_sse():
            if event.event == "snapshot":
                ready.set()
            elif event.event == "alarm":
                heard[orjson.loads(event.data)["timestamp"]] = time.monotonic()
            if len(heard) >= READINGS - 1:
                return
