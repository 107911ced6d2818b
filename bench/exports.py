"""Exports: ten million readings over HTTP: the first byte, the memory and the speed, and who else writes them."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import httpx
import pandas as pd
import polars as pl

from bench.figures import timed_ms
from bench.server import starting
from bench.tiled import tiled_store
from bessline.export import Wanted, export
from bessline.managers import Managers
from bessline.store import Store

DAYS = 3500
FORMATS = ("parquet", "arrow", "csv")
_PERIOD_S = 0.01


def main(folder: Path) -> None:
    """Each format of the whole history of a device, first as a stream, then from the spool."""
    store = tiled_store(folder, days=DAYS, topics=("bms",))
    managers = Managers(Store.open(store))
    bms = managers["bms"]
    (device,) = bms.devices()
    rows = bms.count(device)
    print(f"exports of {rows:,} readings x {len(bms.fields)} fields over HTTP")
    for name in FORMATS:
        server, url = starting(store)
        try:
            httpx.get(f"{url}/bms/{device}", params={"batch_size": 1000}).raise_for_status()
            for said in ("stream", "spool"):
                _told(name, said, server, f"{url}/bms/{device}.{name}", rows)
        finally:
            server.terminate()
            server.wait(10)
    aligned = folder / "exported.parquet"
    calls: dict[str, Callable[[], object]] = {
        "ours, from the store's files": lambda: export(managers, Wanted(device, "bms"), aligned),
        "pandas, from one aligned file": lambda: pd.read_parquet(aligned).to_parquet(again),
        "polars, from one aligned file": lambda: pl.scan_parquet(aligned).sink_parquet(again),
        "duckdb, from one aligned file": lambda: duckdb.sql(f"copy (from '{aligned}') to '{again}' (format parquet)"),
    }
    again = folder / "again.parquet"
    print("the same without HTTP; the others need not align")
    for name, call in calls.items():
        print(f"  {name:<34} {timed_ms(call) / 1000:6.1f} s")


def _told(name: str, said: str, server: subprocess.Popen[bytes], url: str, rows: int) -> None:
    with _memory(server.pid) as grown:
        first_ms, seconds, size = _download(url)
    print(
        f"  {name + ', ' + said:<34} first byte {first_ms:6.0f} ms  {seconds:6.1f} s  {size / 1e6:7.0f} MB"
        f"  {rows / seconds / 1e6:5.2f} M rows/s  memory + {max(grown):4.0f} MB"
    )


def _download(url: str) -> tuple[float, float, int]:
    """Milliseconds to the first byte of the body, seconds to the last, and bytes."""
    began, first, size = time.perf_counter(), 0.0, 0
    headers = {"Accept-Encoding": "identity"}
    with httpx.stream("GET", url, headers=headers, timeout=600) as answer:
        answer.raise_for_status()
        for block in answer.iter_raw():
            first = first or time.perf_counter()
            size += len(block)
    return (first - began) * 1000, time.perf_counter() - began, size


@contextmanager
def _memory(pid: int) -> Iterator[list[float]]:
    """By how many MB the resident memory of a process grows meanwhile, sampled."""
    before, over, grown = _resident_mb(pid), threading.Event(), [0.0]

    def sample() -> None:
        while not over.wait(_PERIOD_S):
            grown.append(_resident_mb(pid) - before)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield grown
    finally:
        over.set()
        sampler.join()


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
