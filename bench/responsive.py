"""Whether the server stays awake: /livez while an ingest runs and histories are read at 10 requests a second."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bench.figures import percentile
from bench.server import ROOT, serving
from bench.tiled import tiled_store
from bessline.demo import make_demo

RUNS, SECONDS = 3, 30


def main(folder: Path) -> None:
    """Three runs of 30 s. The first ingest of each goes into the served store, the next ones into new stores."""
    tiled, raw = tiled_store(folder), folder / "cells"
    if not raw.exists():
        make_demo(raw, days=60, devices=1, seed=2, faults="none")
    p99s = []
    for run in range(RUNS):
        served = folder / "responsive"
        for old in folder.glob("responsive*"):
            shutil.rmtree(old)
        shutil.copytree(tiled, served)
        with serving(served) as url:
            p99s.append(asyncio.run(_measure(url, raw, store=served)))
            print(f"  run {run + 1}: /livez p99 {p99s[-1]:.1f} ms")
    print(f"/livez during ingest and 10 histories/s: median p99 {statistics.median(p99s):.1f} ms")


async def _measure(url: str, raw: Path, *, store: Path) -> float:
    command = [sys.executable, str(ROOT / "main.py"), "ingest", str(raw), "--store"]
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        device = (await client.get("/bms/devices")).json()["devices"][0]["device_id"]
        total = (await client.get(f"/bms/{device}", params={"batch_size": 1})).json()["total_records"]
        stop = time.monotonic() + SECONDS
        ingests = asyncio.create_task(_keep_ingesting(command, store, stop))
        reads = asyncio.create_task(_read_histories(client, device, total=total, stop=stop))
        times = []
        while time.monotonic() < stop:
            began = time.perf_counter()
            (await client.get("/livez")).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.02)
        await asyncio.gather(ingests, reads)
    return percentile(times, 0.99)


async def _keep_ingesting(command: list[str], store: Path, stop: float) -> None:
    for number in itertools.count():
        process = await asyncio.create_subprocess_exec(
            *command,
            f"{store}-{number}" if number else str(store),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.returncode is None and time.monotonic() < stop:
            await asyncio.sleep(0.1)
        if process.returncode is None:
            process.terminate()
            await process.wait()
            return


async def _read_histories(client: httpx.AsyncClient, device: str, *, total: int, stop: float) -> None:
    pending: set[asyncio.Task[httpx.Response]] = set()
    for number in itertools.count():
        if time.monotonic() >= stop:
            break
        skip = number * 99_991 % total
        request = client.get(f"/bess/{device}", params={"batch_size": 1000, "skip": skip})
        pending.add(asyncio.create_task(request))
        await asyncio.sleep(0.1)
    for response in await asyncio.gather(*pending):
        response.raise_for_status()
