"""POST /anomalies/detect with 100,000 rows of 10 features, and /livez beside it, each client a process of its own."""

from __future__ import annotations

import http.client
import multiprocessing
import shutil
import statistics
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import orjson
from sklearn.ensemble import IsolationForest

from bench.figures import percentile, timed_ms
from bench.server import serving
from bessline.demo import make_demo
from bessline.sources import open_source
from bessline.store import ingest

ROWS, FEATURES, TIMES = 100_000, 10, 5
_PERIOD_S = 0.02


def main(folder: Path) -> None:
    """Ours over HTTP, and scikit-learn alone on the same matrix, in turn."""
    if not (folder / "day").exists():
        make_demo(folder / "day", days=1, devices=1, seed=3)
    store = folder / "detect"
    shutil.rmtree(store, ignore_errors=True)
    ingest([open_source(folder / "day")], store)
    values = np.random.default_rng(1).normal(size=(ROWS, FEATURES)).round(4)
    body = _body(values)
    with serving(store) as url:
        quiet = _with_probe(url, lambda: time.sleep(5))
        first = timed_ms(lambda: _post(url, body))
        ours, peers = [], []
        late: list[float] = []
        for _ in range(TIMES):
            late += _with_probe(url, lambda: ours.append(timed_ms(lambda: _post(url, body))))
            peers.append(timed_ms(lambda: IsolationForest(random_state=0).fit(values).score_samples(values)))
    ours_ms, peer_ms = statistics.median(ours), statistics.median(peers)
    print(f"{ROWS} rows x {FEATURES} ({len(body) / 1e6:.0f} MB): the first, which starts the process, {first:.0f} ms")
    print(f"  then p50 {ours_ms:.0f} ms, max {max(ours):.0f} ms")
    print(f"  scikit-learn alone p50 {peer_ms:.0f} ms; ours over that {ours_ms / peer_ms:.2f}")
    print(f"  /livez p99 {percentile(late, 0.99):.1f} ms meanwhile, {percentile(quiet, 0.99):.1f} ms when idle")


def _body(values: Any) -> bytes:
    names = [f"f{n}" for n in range(FEATURES)]
    rows = [dict(zip(names, row, strict=True)) for row in values.tolist()]
    return orjson.dumps({"data": rows, "contamination": 0.01})


def _post(url: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{url}/anomalies/detect", content=body, headers=headers, timeout=120).raise_for_status()
    if answer.json()["scored"] != ROWS:
        raise RuntimeError("not every row was scored")


def _with_probe(url: str, call: Any) -> list[float]:
    """Times (ms) of /livez while `call` runs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    ready, over = context.Event(), context.Event()
    probe = context.Process(target=_probe, args=(url, theirs, ready, over))
    probe.start()
    ready.wait(60)
    try:
        call()
    finally:
        over.set()
        times: list[float] = ours.recv()
        probe.join()
    return times


def _probe(url: str, told: Any, ready: Event, over: Event) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    times: list[float] = []
    ready.set()
    while not over.is_set():
        times.append(timed_ms(lambda: _livez(connection)))
        time.sleep(_PERIOD_S)
    told.send(times)


def _livez(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/livez")
    if connection.getresponse().read() == b"":
        raise RuntimeError("/livez said nothing")
