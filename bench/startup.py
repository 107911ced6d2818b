"""From connecting to the snapshot with a reading, on a store of 21 months; and from start to ready."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import orjson

from bench.server import serving
from bench.tiled import tiled_store

ROUNDS = 7


def main(folder: Path) -> None:
    """Connect a few times and print the slowest."""
    store = tiled_store(folder)
    began = time.perf_counter()
    with serving(store) as url:
        print(f"start to ready on a 21-month store: {time.perf_counter() - began:.2f} s")
        device = httpx.get(f"{url}/bms/devices").json()["devices"][0]["device_id"]
        times = [snapshot_s(f"{url}/bms/{device}/stream", device) for _ in range(ROUNDS)]
    print(f"connect to snapshot with a reading: first {times[0] * 1000:.0f} ms, slowest {max(times) * 1000:.0f} ms")


def snapshot_s(url: str, device: str) -> float:
    """Seconds from connecting to `url` until a snapshot with a reading of `device` is here."""
    began = time.perf_counter()
    with httpx.stream("GET", url) as response:
        event = ""
        for line in response.iter_lines():
            if line.startswith("event:"):
                event = line.removeprefix("event:").strip()
            if line.startswith("data:") and event == "snapshot":
                reading = orjson.loads(line.removeprefix("data:"))[device]["topics"]["bms"]
                if reading["soc"] is None:
                    raise ValueError("the snapshot holds no reading")
                return time.perf_counter() - began
    raise ValueError("the stream ended before its snapshot")
