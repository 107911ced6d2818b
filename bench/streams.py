"""Fan-out: what one event for one subscriber costs. Ours, the naive way, bare ASGI and nchan, alternated in one run."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from bench.stream_servers import Served, bench_store, nchan, nchan_is_there, ours, peer

Figures = dict[str, float]
Start = Callable[..., AbstractContextManager[Served]]
#: Name, topics, seconds between ticks, subscribers.
CASES = (
    ("one topic, 10 events/s", 1, 0.1, (100, 1000, 5000)),
    ("fifteen topics, 1 tick/s", 15, 1.0, (100, 500)),
)
RUNS = int(os.environ.get("BESSLINE_BENCH_RUNS", "5"))
SECONDS = float(os.environ.get("BESSLINE_BENCH_SECONDS", "10"))
IDLE = 4000


def main(folder: Path) -> None:
    """Medians of alternated runs; the naive way is left out where it cannot keep up."""
    if shutil.which("gcc") is None:
        print("streams: no gcc to compile the load generator with; skipped")
        return
    load, store = compiled(folder), bench_store(folder)
    servers = servers_of(folder, store)
    if "nchan" not in servers:
        print("streams: no nchan here (Debian: apt-get install libnginx-mod-nchan); it is left out")
    for name, topics, interval_s, sizes in CASES:
        for subscribers in sizes:
            print(f"{name}, {subscribers} subscribers: medians of {RUNS} runs of {SECONDS:g} s")
            measured = alternated(load, servers, topics=topics, interval_s=interval_s, subscribers=subscribers)
            show(measured, wanted=subscribers * topics / interval_s)
    print(f"idle, {IDLE} subscribers: {idle_kb(load, store):.1f} kB a connection (ours)")


def compiled(folder: Path) -> Path:
    """The load generator."""
    target = folder / "sseload"
    subprocess.run(["gcc", "-O2", "-o", str(target), str(Path(__file__).with_name("sseload.c"))], check=True)
    return target


def servers_of(folder: Path, store: Path) -> dict[str, Start]:
    """How to start each."""
    servers: dict[str, Start] = {"ours": partial(ours, store), "bare ASGI": partial(peer, "bare")}
    if nchan_is_there():
        servers["nchan"] = partial(nchan, folder)
    return servers | {"naive": partial(peer, "naive")}


def alternated(
    load: Path, servers: dict[str, Start], *, topics: int, interval_s: float, subscribers: int
) -> dict[str, list[Figures]]:
    """Each server in turn, `RUNS` times, so that a drifting machine treats them alike."""
    measured: dict[str, list[Figures]] = {name: [] for name in servers}
    for _ in range(RUNS):
        for name, start in servers.items():
            if name == "naive" and subscribers > 1000:
                continue
            with start(topics=topics, interval_s=interval_s) as served:
                measured[name].append(measure(load, served, subscribers=subscribers))
    return measured


def measure(load: Path, served: Served, *, subscribers: int, seconds: float = SECONDS) -> Figures:
    """What the load generator sees."""
    command = [str(load), str(served.port), served.path, str(subscribers), str(seconds), str(served.pid)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: Figures = json.loads(told)
    return figures


def show(measured: dict[str, list[Figures]], *, wanted: float) -> None:
    """One line for each server."""
    medians = {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for name, runs in measured.items()
        if runs
    }
    for name, found in medians.items():
        ratios = "  ".join(
            f"x{found['cpu_us'] / other['cpu_us']:.2f} {peer}"
            for peer, other in medians.items()
            if peer != name and name == "ours" and other["cpu_us"]
        )
        print(
            f"  {name:<10} {found['cpu_us']:7.2f} us an event and subscriber  {found['events_per_s']:9.0f} of "
            f"{wanted:.0f} events/s  delay p50 {found['p50_ms']:.1f} p99 {found['p99_ms']:.1f} ms"
            f"  refused {found['refused']:.0f} dropped {found['dropped']:.0f}  {ratios}"
        )


def pss_kb(pid: int) -> float:
    """What a process holds of the memory, in kB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("Pss:")))


def idle_kb(load: Path, store: Path) -> float:
    """Memory of the server for each of `IDLE` subscribers to whom nothing comes."""
    with ours(store, topics=1, interval_s=3600.0) as served:
        measure(load, served, subscribers=50, seconds=2)
        before = pss_kb(served.pid)
        command = [str(load), str(served.port), served.path, str(IDLE), "12", str(served.pid)]
        holding = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(11)
        after = pss_kb(served.pid)
        holding.wait()
    return (after - before) / IDLE
