"""Whether the server stays awake: /livez while an ingest runs and histories are read at 10 requests a second.

The probe, the reader and the ingest are processes of their own, so that none of them delays what another measures.
"""

from __future__ import annotations

import http.client
import itertools
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench.figures import percentile, timed_ms
from bench.server import ROOT, serving
from bench.tiled import tiled_store
from bessline.demo import make_demo

RUNS, SECONDS = 3, 30
PERIOD_S = 0.1
RESOURCES = ("bms", "pcs", "aux", "bess")


def main(folder: Path) -> None:
    """Three runs of 30 s. The first ingest of each goes into the served store, the next ones into new stores."""
    tiled, raw = tiled_store(folder), folder / "cells"
    if not raw.exists():
        make_demo(raw, days=60, devices=1, seed=2, faults="none")
    p99s = []
    for run in range(RUNS):
        for old in folder.glob("responsive*"):
            shutil.rmtree(old)
        served = folder / "responsive"
        shutil.copytree(tiled, served)
        with serving(served) as url:
            p99s.append(_measure(url, raw, store=served))
            print(f"  run {run + 1}: /livez p99 {p99s[-1]:.1f} ms")
    print(f"/livez during ingest and 10 histories/s: median p99 {statistics.median(p99s):.1f} ms")


def _measure(url: str, raw: Path, *, store: Path) -> float:
    context = multiprocessing.get_context("spawn")
    helpers = [context.Process(target=keep_ingesting, args=(raw, store)), context.Process(target=read, args=(url,))]
    for helper in helpers:
        helper.start()
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    times = []
    try:
        stop = time.monotonic() + SECONDS
        while time.monotonic() < stop:
            times.append(timed_ms(lambda: _livez(connection)))
            time.sleep(PERIOD_S / 5)
    finally:
        for helper in helpers:
            helper.join()
    if any(helper.exitcode for helper in helpers):
        raise RuntimeError("the reader or the ingest failed")
    return percentile(times, 0.99)


def _livez(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/livez")
    if connection.getresponse().read() == b"":
        raise RuntimeError("/livez said nothing")


def keep_ingesting(raw: Path, store: Path) -> None:
    """One ingest after the other for as long as is measured; the last one is ended."""
    stop = time.monotonic() + SECONDS
    for number in itertools.count():
        target = f"{store}-{number}" if number else str(store)
        command = [sys.executable, str(ROOT / "main.py"), "ingest", str(raw), "--store", target]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ingest:
            while ingest.poll() is None and time.monotonic() < stop:
                time.sleep(PERIOD_S)
            ingest.terminate()
        if time.monotonic() >= stop:
            return


def read(url: str) -> None:
    """Pages of 1,000 rows of each resource in turn, at depths all over the history, at 10 requests a second."""
    stop = time.monotonic() + SECONDS
    with httpx.Client(base_url=url, timeout=30) as client:
        device = client.get("/bms/devices").json()["devices"][0]["device_id"]
        total = client.get(f"/bms/{device}", params={"batch_size": 1}).json()["total_records"]
        for number in itertools.count():
            due = stop - SECONDS + number * PERIOD_S
            if due >= stop:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            path = f"/{RESOURCES[number % len(RESOURCES)]}/{device}"
            params = {"batch_size": 1000, "skip": number * 99_991 % (total // 2)}
            client.get(path, params=params).raise_for_status()
