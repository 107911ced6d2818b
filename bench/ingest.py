"""Ingest of a signal folder against pyarrow's bare parse of the same files, in one run, warm cache."""

from __future__ import annotations

import shutil
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pyarrow.csv as pa_csv

from bessline.demo import make_demo
from bessline.sources import open_source
from bessline.store import ingest

ROUNDS = 3


def parse(path: Path) -> int:
    """pyarrow's streaming CSV reader over one file; nothing is kept."""
    options = pa_csv.ReadOptions(block_size=16 << 20, use_threads=False)
    return sum(batch.num_rows for batch in pa_csv.open_csv(path, read_options=options))


def main(folder: Path) -> None:
    """Alternate the two, print MB/s and the ratio of the medians."""
    raw = folder / "cells"
    if not raw.exists():
        make_demo(raw, days=60, devices=1, seed=2, faults="none")
    files = sorted(raw.rglob("*.csv"))
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    ours: list[float] = []
    bare: list[float] = []
    points, size = 0, 0
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            list(pool.map(parse, files))
            bare.append(megabytes / (time.perf_counter() - began))
            shutil.rmtree(folder / "store", ignore_errors=True)
            report = ingest([open_source(raw)], folder / "store", workers=2)
            ours.append(megabytes / report.seconds)
            points = report.rows
            size = sum(path.stat().st_size for path in (folder / "store").rglob("*.parquet"))
    print(f"ingest of {megabytes:.0f} MB in {len(files)} files, two processes")
    rate, peer = statistics.median(ours), statistics.median(bare)
    print(f"  pyarrow, bare parse   {peer:7.0f} MB/s")
    print(f"  ours, to the store    {rate:7.0f} MB/s  ratio {rate / peer:.2f}")
    print(f"  on disk               {size / points:7.2f} bytes a point")
