"""Ingest of 2 GB of signal files against pyarrow's bare parse of the same files, in one run, warm cache."""

from __future__ import annotations

import resource
import shutil
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyarrow.csv as pa_csv

from bench.tiled import tiled_folder
from bessline.sources import open_source
from bessline.store import ingest

ROUNDS = 3
BYTES = 2_000_000_000


def parse(path: Path) -> float:
    """pyarrow's streaming CSV reader over one file; nothing is kept. Returns the processor time in seconds."""
    began = time.process_time()
    options = pa_csv.ReadOptions(block_size=16 << 20, use_threads=False)
    for _ in pa_csv.open_csv(path, read_options=options):
        pass
    return time.process_time() - began


def children_s() -> float:
    """The processor time of all processes that were begun and have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(folder: Path) -> None:
    """Alternate the two, print MB/s and the ratio of the medians."""
    raw = tiled_folder(folder, nbytes=BYTES)
    files = sorted(raw.rglob("*.csv"))
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    ours: list[float] = []
    bare: list[float] = []
    ours_cpu: list[float] = []
    bare_cpu: list[float] = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(parse, files))  # warms the cache
        for _ in range(ROUNDS):
            began = time.perf_counter()
            bare_cpu.append(sum(pool.map(parse, files)))
            bare.append(megabytes / (time.perf_counter() - began))
            shutil.rmtree(folder / "store", ignore_errors=True)
            began = children_s()
            report = ingest([open_source(raw)], folder / "store", workers=2)
            ours_cpu.append(children_s() - began)
            ours.append(megabytes / report.seconds)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    parts = {"rows": 0, "pyramids": 0, "timelines": 0}
    for path in (folder / "store" / "devices").rglob("*.parquet"):
        kind = "pyramids" if ".pyramid." in path.name else "timelines" if "timeline-" in path.name else "rows"
        parts[kind] += path.stat().st_size
    rate, peer = statistics.median(ours), statistics.median(bare)
    print(f"ingest of {megabytes:.0f} MB in {len(files)} files, {report.rows:,} rows, two processes")
    print(f"  pyarrow, bare parse   {peer:7.0f} MB/s  ({', '.join(f'{each:.0f}' for each in bare)})")
    print(f"  ours, to the store    {rate:7.0f} MB/s  ({', '.join(f'{each:.0f}' for each in ours)})")
    print(f"  ratio                 {rate / peer:7.2f}")
    cpu, peer_cpu = statistics.median(ours_cpu), statistics.median(bare_cpu)
    print(f"  processor seconds     {cpu:7.1f} s, starting the workers included; bare parse {peer_cpu:.1f} s")
    print(f"  peak of a worker      {peak:7.0f} MB")
    each = ", ".join(f"{name} {size / report.rows:.2f}" for name, size in parts.items())
    print(f"  on disk               {sum(parts.values()) / report.rows:7.2f} bytes a point ({each})")
