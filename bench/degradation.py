"""How cells age: 21 months from history, one event online, and what is said of a plant whose truth is known."""

from __future__ import annotations

import multiprocessing
import os
import signal
import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson

from bench.ageing_truth import TrueAgeing
from bench.figures import percentile, timed_ms
from bench.server import starting
from bench.tiled import MONTHS_21_DAYS, TiledJob
from bessline.analyst.database import FILE
from bessline.analyst.lookback import degradation_of
from bessline.analytics.degradation import PACK_SIGNALS
from bessline.demo import make_demo
from bessline.sources import open_source
from bessline.store import Store, ingest

DAYS_OF_TRUTH, SPANS_OF_TRUTH = 60, (60, 120, 240)
#: Seeds that nothing was tuned on: of plants written as files with their faults, and of healthy ones without files.
SEEDS, HEALTHY_SEEDS = (101, 102), (301, 302, 303)


def main(folder: Path) -> None:
    """The time first, then the truth."""
    store = _tiled_cells(folder)
    _time(store)
    _served(store)
    for faults in ("none", "default"):
        for seed in SEEDS:
            _against_truth(folder, faults=faults, seed=seed)
    _healthy()


def _healthy() -> None:
    """How often the interval of a healthy cell holds its true slope, as the span grows."""
    found: dict[int, list[float]] = {days: [] for days in SPANS_OF_TRUTH}
    for seed in HEALTHY_SEEDS:
        unit = TrueAgeing(seed)
        for day in range(max(SPANS_OF_TRUTH)):
            for charge, volts in unit.day(day):
                unit.method.take(charge, volts)
            trends = unit.method.ageing.trends() if day + 1 in found else None
            if trends is not None:
                truth = unit.slopes(day + 1)
                held = (trends.slopes.lower <= truth) & (truth <= trends.slopes.upper)
                found[day + 1].append(float(held.mean()))
    for days, shares in found.items():
        each = ", ".join(f"{share:.1%}" for share in shares)
        print(f"  {days} healthy days, seeds {HEALTHY_SEEDS}: true slope inside the interval of {each} of 260 cells")


def _tiled_cells(folder: Path) -> Path:
    """A store of 260 cells over 21 months: four days of the demo end to end."""
    store, raw = folder / "tiled-cells", folder / "raw"
    if (store / "manifest.json").exists():
        return store
    if not raw.exists():
        make_demo(raw, days=4, devices=1, seed=1, faults="none")
    source = open_source(raw)
    wanted = [job for job in source.jobs if _is_wanted(f"{job.signals[0].topic}.{job.signals[0].field}")]
    tiles = {"times": MONTHS_21_DAYS // 4, "step_ms": 4 * 86_400_000}
    jobs = tuple(TiledJob(job, file=job.file, signals=job.signals, **tiles) for job in wanted)
    ingest([replace(source, jobs=jobs)], store)
    return store


def _is_wanted(name: str) -> bool:
    return name in PACK_SIGNALS or (name.startswith("cells.") and "_v" in name)


def _time(path: Path) -> None:
    """In a process of its own, as the server runs it, while this one sees how long it is kept from a wake-up."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=_summarise, args=(path, theirs))
    late: list[float] = []
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(late, over))
    watch.start()
    worker.start()
    taken_s, busy_s, charges, event_ms = ours.recv()
    worker.join()
    over.set()
    watch.join()
    print(
        f"degradation of 260 cells, {MONTHS_21_DAYS} days, {charges} charges: from history {taken_s:.1f} s "
        f"({busy_s:.1f} s of CPU) in a niced process (a wake-up of another is late by p99 "
        f"{percentile(late, 0.99):.1f} ms); online an event p50 {statistics.median(event_ms):.1f} ms, max "
        f"{max(event_ms):.1f} ms; load {os.getloadavg()[0]:.1f}"
    )


def _served(path: Path) -> None:
    """A first start of the server on that store: when ageing is answered, and what it costs those who ask meanwhile."""
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (path / name).unlink(missing_ok=True)
    began, took_ms = time.monotonic(), list[float]()
    server, url = starting(path, variables={"BESSLINE_ANALYTICS": "on"})
    ready_s = time.monotonic() - began
    try:
        with httpx.Client(base_url=url) as client:
            while not client.get("/analytics/bess1/degradation").json()["data"]:
                for _ in range(20):
                    took_ms.append(timed_ms(lambda: client.get("/livez")))
                    time.sleep(0.01)
            answered_s = time.monotonic() - began
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)
    print(
        f"  served: ready after {ready_s:.1f} s, ageing answered {answered_s:.1f} s after the start; /livez meanwhile "
        f"p50 {statistics.median(took_ms):.1f} ms, p99 {percentile(took_ms, 0.99):.1f} ms, of {len(took_ms)}"
    )


def _watch(late: list[float], over: threading.Event) -> None:
    while not over.is_set():
        due = time.perf_counter() + 0.01
        time.sleep(0.01)
        late.append((time.perf_counter() - due) * 1000)


def _summarise(path: Path, told: Any) -> None:
    os.nice(10)
    began, busy = time.perf_counter(), time.process_time()
    method = degradation_of(Store.open(path), "bess1")
    method.state()
    taken_s, busy_s = time.perf_counter() - began, time.process_time() - busy
    charges = int(method.state()["evidence"].split(" charges")[0].rpartition(" ")[2])
    told.send((taken_s, busy_s, charges, [timed_ms(method.ageing.summary) for _ in range(30)]))


def _against_truth(folder: Path, *, faults: str, seed: int) -> None:
    raw = folder / f"ageing-{faults}-{seed}"
    if not (raw / "truth.json").exists():
        make_demo(raw, days=DAYS_OF_TRUTH, devices=1, seed=seed, faults=faults)
    if not (raw / "store" / "manifest.json").exists():
        source = open_source(raw)
        wanted = [job for job in source.jobs if _is_wanted(f"{job.signals[0].topic}.{job.signals[0].field}")]
        ingest([replace(source, jobs=tuple(wanted))], raw / "store")
    method = degradation_of(Store.open(raw / "store"), "bess1")
    trends = method.ageing.trends()
    if trends is None:
        raise RuntimeError("no charge was found")
    truth = orjson.loads((raw / "truth.json").read_bytes())
    cells = truth["devices"]["bess1"]["cells"]
    slopes = np.array([cells[name]["saturation_deviation_v_per_year"] for name in method.layout.names])
    covered = (trends.slopes.lower <= slopes) & (slopes <= trends.slopes.upper)
    faulty = {fault["where"].get("cell") for fault in truth["faults"]}
    healthy = np.array([name not in faulty for name in method.layout.names])
    worst = [each["cell"] for each in method.state()["worst"]]
    print(
        f"  {DAYS_OF_TRUTH} days, faults {faults}, seed {seed}: true slope inside the interval of "
        f"{covered[healthy].mean():.1%} of {healthy.sum()} healthy cells (half-width "
        f"{1000 * np.nanmedian(trends.slopes.upper - trends.slopes.slope):.1f} mV/a); worst {', '.join(worst)}"
    )
