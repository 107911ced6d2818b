"""Ingest of 2 GB of signal files against pyarrow's bare parse of the same files, in one run, warm cache."""

from __future__ import annotations

import resource
import shutil
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import pyarrow.csv as pa_csv

from bench.ingest_peers import PEERS
from bench.tiled import tiled_folder
from bessline.sources import open_source
from bessline.store import ingest
from bessline.store.manifest_file import read_manifest

ROUNDS = 3
BYTES = 2_000_000_000


def parse(path: Path) -> float:
    """pyarrow's streaming CSV reader over one file; nothing is kept. Returns the processor time in seconds."""
    began = time.process_time()
    options = pa_csv.ReadOptions(block_size=16 << 20, use_threads=False)
    for _ in pa_csv.open_csv(path, read_options=options):
        pass
    return time.process_time() - began


def parse_whole(path: Path) -> float:
    """The same with a whole file in memory, which no ingest of any size may have: faster."""
    began = time.process_time()
    pa_csv.read_csv(path, read_options=pa_csv.ReadOptions(use_threads=False))
    return time.process_time() - began


def children_s() -> float:
    """The processor time of all processes that were begun and have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass
class _Runs:
    """Runs of one way: how long each took, and its processor time, in seconds."""

    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    def add(self, call: Callable[[], float]) -> None:
        """One run more; `call` returns its processor time."""
        began = time.perf_counter()
        self.cpu_s.append(call())
        self.wall_s.append(time.perf_counter() - began)

    def rate(self, megabytes: float) -> float:
        """MB/s, of the median."""
        return megabytes / statistics.median(self.wall_s)

    def told(self, megabytes: float) -> str:
        """As a person reads it, and each run."""
        each = ", ".join(f"{megabytes / wall:.0f}" for wall in self.wall_s)
        return f"{self.rate(megabytes):7.0f} MB/s  ({each}), {statistics.median(self.cpu_s):.1f} s of processors"


def _ours(raw: Path, store: Path) -> float:
    began = children_s()
    ingest([open_source(raw)], store, workers=2)
    return children_s() - began


def main(folder: Path) -> None:
    """Alternate the three, print MB/s and the ratio of the medians of ours and the bare parse; then the others."""
    raw, store = tiled_folder(folder, nbytes=BYTES), folder / "store"
    files = sorted(raw.rglob("*.csv"))
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    bare, whole, ours = _Runs(), _Runs(), _Runs()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(parse, files))  # warms the cache
        for _ in range(ROUNDS):
            bare.add(lambda: sum(pool.map(parse, files)))
            whole.add(lambda: sum(pool.map(parse_whole, files)))
            shutil.rmtree(store, ignore_errors=True)
            ours.add(lambda: _ours(raw, store))
        # of ours alone: those of the pool have not ended yet
        peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"ingest of {megabytes:.0f} MB in {len(files)} files, two processes")
    print(f"  pyarrow, bare parse   {bare.told(megabytes)}")
    print(f"  files whole in memory {whole.told(megabytes)}")
    print(f"  ours, to the store    {ours.told(megabytes)}, starting the workers included")
    print(f"  ratio                 {ours.rate(megabytes) / bare.rate(megabytes):7.2f}")
    print(f"  peak of a worker      {peak_mb:7.0f} MB")
    _print_sizes(store)
    _print_peers(files[::16], folder / "peers")


def _print_peers(files: list[Path], out: Path) -> None:
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    print(f"others, who make Parquet and buckets of {megabytes:.0f} MB of the same files")
    for name, peer in PEERS.items():
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        began = time.perf_counter()
        peer(files, out)
        print(f"  {name:<21} {megabytes / (time.perf_counter() - began):7.0f} MB/s")
    shutil.rmtree(out)


def _print_sizes(store: Path) -> None:
    rows = sum(signal.rows for device in read_manifest(store).devices.values() for signal in device.signals.values())
    parts = {"rows": 0, "pyramids": 0, "timelines": 0}
    for path in (store / "devices").rglob("*.parquet"):
        kind = "pyramids" if ".pyramid." in path.name else "timelines" if "timeline-" in path.name else "rows"
        parts[kind] += path.stat().st_size
    each = ", ".join(f"{name} {size / rows:.2f}" for name, size in parts.items())
    print(f"  on disk               {sum(parts.values()) / rows:7.2f} bytes a point of {rows:,} ({each})")
