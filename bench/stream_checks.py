"""What streams promise, checked on a running server: frozen clients, kills, the end, leaks, a crowd that changes."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from api.door import packed
from bench.stream_servers import begin, bench_store, free_port, ours, serve, wait_ready
from bench.streams import compiled, measure, pss_kb

PAIRS, KILLS, SUBSCRIBERS, CONNECTS = 5, 20, 1000, 10_000
CHURN_S = float(os.environ.get("BESSLINE_BENCH_CHURN_SECONDS", "720"))
_FROZEN = "import socket,sys,time; s=socket.create_connection(('127.0.0.1',int(sys.argv[1]))); "
_FROZEN += "s.sendall(b'GET '+sys.argv[2].encode()+b' HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); "
_FROZEN += "print(s.getsockname()[1],flush=True)\nwhile s.recv(65536): pass"


def main(folder: Path) -> None:
    """One line for each promise."""
    load, store = compiled(folder), bench_store(folder)
    frozen(load, store)
    kills(folder, store)
    terminated(folder, store)
    connects(store)
    packing(store)
    churn(folder, store, seconds=CHURN_S)


def frozen(load: Path, store: Path, *, pairs: int = PAIRS, subscribers: int = 300, seconds: float = 12) -> None:
    """A stopped client against none: what it holds, and what the others notice."""
    held, ratios = [], []
    for _ in range(pairs):
        with ours(store, topics=15, interval_s=0.1) as served:
            without = measure(load, served, subscribers=subscribers, seconds=seconds)["p99_ms"]
            with stopped_client(served.port, served.path) as port:
                together = measure(load, served, subscribers=subscribers, seconds=seconds)["p99_ms"]
                waiting = metric(served.port, "bess_stream_high_water_bytes")
                held.append(kernel_bytes(port) + waiting)
            ratios.append((together, 1.2 * without + 20))
    p99_ms, allowed_ms = (statistics.median(each) for each in zip(*ratios, strict=True))
    print(
        f"frozen: holds at most {max(held) / 1024:.0f} kB (256 allowed); p99 of the others with it {p99_ms:.1f} ms, "
        f"allowed {allowed_ms:.1f} ms: {'kept' if p99_ms <= allowed_ms and max(held) <= 256 * 1024 else 'BROKEN'}"
    )


@contextmanager
def stopped_client(port: int, path: str) -> Iterator[int]:
    """A subscriber that is stopped; yields its port."""
    client = subprocess.Popen([sys.executable, "-c", _FROZEN, str(port), path], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    own = int(client.stdout.readline())
    time.sleep(0.5)
    client.send_signal(signal.SIGSTOP)
    try:
        yield own
    finally:
        client.kill()
        client.wait()


def kernel_bytes(port: int) -> int:
    """What lies in the send and receive queues of both ends of the connection of `port`."""
    total = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if f":{port:04X}" in (local[-5:], remote[-5:]):
            total += sum(int(queue, 16) for queue in queues.split(":"))
    return total


def metric(port: int, name: str) -> float:
    """One figure of `/metrics`."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def kills(folder: Path, store: Path, *, times: int = KILLS) -> None:
    """`kill -9` amid the stream, restart, resume: compared with the store."""
    port, last = free_port(), ""
    seen: dict[str, list[str]] = {}
    statuses: dict[str, int] = {}
    for n in range(times + 1):
        server = begin(serve(store, port, interval_s=0.2), log=folder / "kills.log")
        try:
            wait_ready(port)
            until = time.monotonic() + random.uniform(0.5, 2.0)
            last = follow(port, last, until, seen=seen, statuses=statuses, kill=server if n < times else None)
        finally:
            server.kill()
            server.wait()
    wrong = compare(store, seen)
    rows = sum(map(len, seen.values()))
    print(f"kills: {times} kills, {rows} readings, resumed {statuses}: {wrong} series differ from the store")


def follow(
    port: int, last: str, until: float, *, seen: dict[str, list[str]], statuses: dict[str, int],
    kill: subprocess.Popen[bytes] | None,
) -> str:  # fmt: skip
    """Read events until the server is killed at `until`; the id of the last one."""
    headers = {"Last-Event-ID": last} if last else {}
    path = "/stream?devices=d00,d01,d02,d03&topics=bms&interval=0.2&fields=soc"
    with (
        suppress(httpx.TransportError),
        httpx.stream("GET", f"http://127.0.0.1:{port}{path}", headers=headers, timeout=20) as answer,
    ):
        for event in events(answer):
            data = json.loads(event["data"])
            if event["event"] == "bms":
                seen.setdefault(data["device_id"], []).append(data["timestamp"])
            elif event["event"] == "resume":
                statuses[data["status"]] = statuses.get(data["status"], 0) + 1
                for link in data["history"] or ():
                    page = httpx.get(f"http://127.0.0.1:{port}{link}&batch_size=10000").json()
                    seen.setdefault(page["device_id"], []).extend(row["timestamp"] for row in page["data"])
            last = event["id"]
            if time.monotonic() > until:
                if kill is None:
                    break
                kill.kill()
    return last


def events(answer: httpx.Response) -> Iterator[dict[str, str]]:
    """Whole events only, as a browser takes them."""
    event: dict[str, str] = {"event": "message"}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "data" in event:
            yield event
            event = {"event": "message"}


def compare(store: Path, seen: dict[str, list[str]]) -> int:
    """How many series are not exactly what the store holds between their first and last reading."""
    port, wrong = free_port(), 0
    server = begin(serve(store, port, interval_s=3600))
    try:
        wait_ready(port)
        for device, stamps in seen.items():
            query = {"start": stamps[0], "end": stamps[-1], "batch_size": "10000", "fields": "soc"}
            page = httpx.get(f"http://127.0.0.1:{port}/bms/{device}", params=query).json()
            wrong += [row["timestamp"] for row in page["data"]] + [stamps[-1]] != stamps
    finally:
        server.terminate()
        server.wait()
    return wrong


def terminated(folder: Path, store: Path, *, subscribers: int = SUBSCRIBERS) -> None:
    """SIGTERM with a thousand subscribers."""
    port = free_port()
    server = begin(serve(store, port, interval_s=1.0), log=folder / "term.log")
    wait_ready(port)
    heard, took_s = asyncio.run(_hear_the_end(server, port, subscribers))
    print(f"SIGTERM: {heard} of {subscribers} heard bye, gone after {took_s:.2f} s with exit code {server.returncode}")


async def _hear_the_end(server: subprocess.Popen[bytes], port: int, subscribers: int) -> tuple[int, float]:
    streams = [await connected(port, "/bms/d00/stream") for _ in range(subscribers)]
    reads = [asyncio.create_task(reader.read()) for reader, _ in streams]
    await asyncio.sleep(1.5)
    began = time.monotonic()
    server.send_signal(signal.SIGTERM)
    await asyncio.to_thread(server.wait, 20)
    took_s = time.monotonic() - began
    bodies = await asyncio.gather(*reads)
    for _, writer in streams:
        writer.close()
    return sum(b"event: bye" in body for body in bodies), took_s


async def connected(port: int, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A raw client of a stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return reader, writer


def connects(store: Path, *, times: int = CONNECTS) -> None:
    """Ten thousand connects and disconnects: what is left of them."""
    with ours(store, topics=15, interval_s=1.0) as served:
        asyncio.run(_come_and_go(served.port, served.path, times=times // 4))
        before = pss_kb(served.pid), open_files(served.pid)
        asyncio.run(_come_and_go(served.port, served.path, times=times))
        time.sleep(2)
        after = pss_kb(served.pid), open_files(served.pid)
    print(
        f"connects: after {times} memory {100 * (after[0] / before[0] - 1):+.1f} % ({after[0] / 1024:.0f} MB), "
        f"files {before[1]} -> {after[1]}"
    )


def packing(store: Path, *, batches: int = 50) -> None:
    """What zstd saves, and what it costs once for all who take it."""
    with ours(store, topics=15, interval_s=0.1) as served:
        for path in ("/bms/d00/stream?interval=0.1", served.path):
            url = f"http://127.0.0.1:{served.port}{path}"
            with httpx.stream("GET", url, headers={"Accept-Encoding": "identity"}, timeout=20) as answer:
                chunks = [chunk for chunk, _ in zip(answer.iter_raw(), range(batches + 1), strict=False)][1:]
            began = time.perf_counter()
            small = sum(len(packed(chunk)) for chunk in chunks)
            us = (time.perf_counter() - began) / len(chunks) * 1e6
            size = sum(map(len, chunks))
            print(
                f"packing: {size / len(chunks):.0f} bytes a tick of {path.partition('?')[0]} become "
                f"{small / len(chunks):.0f} ({size / small:.1f} times less) for {us:.0f} us, once for all"
            )


def open_files(pid: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


async def _come_and_go(port: int, path: str, *, times: int, at_once: int = 100) -> None:
    for _ in range(times // at_once):
        streams = [await connected(port, path) for _ in range(at_once)]
        for n, (reader, writer) in enumerate(streams):
            if n % 2:
                await reader.readuntil(b"event: snapshot")
            writer.close()


def churn(folder: Path, store: Path, *, seconds: float, subscribers: int = SUBSCRIBERS) -> None:
    """A crowd of which everybody joins and leaves at random."""
    port, log = free_port(), folder / "churn.log"
    log.unlink(missing_ok=True)
    server = begin(serve(store, port, interval_s=1.0), log=log)
    try:
        wait_ready(port)
        joined = asyncio.run(_crowd(port, seconds, subscribers))
        lag = metric(port, 'bess_stream_lag_quantile_seconds{quantile="0.99"}')
    finally:
        server.terminate()
        server.wait()
    errors = sum(
        1 for line in log.read_text().splitlines() if re.search(r"error|exception|warning|Traceback", line, re.I)
    )
    print(
        f"churn: {seconds:g} s, {joined} joined; lag p99 {1000 * lag:.1f} ms (50 allowed); {errors} errors in the log"
    )


async def _crowd(port: int, seconds: float, subscribers: int) -> int:
    until, joined = time.monotonic() + seconds, 0
    rng = random.Random(1)

    async def one() -> None:
        nonlocal joined
        await asyncio.sleep(rng.uniform(0, 5))
        while time.monotonic() < until:
            reader, writer = await connected(port, rng.choice(PATHS))
            joined += 1
            stay = min(until, time.monotonic() + rng.uniform(0.5, 20))
            async for _ in _chunks(reader, stay):
                pass
            writer.close()

    await asyncio.gather(*(one() for _ in range(subscribers)))
    return joined


async def _chunks(reader: asyncio.StreamReader, until: float) -> AsyncIterator[bytes]:
    while (left := until - time.monotonic()) > 0:
        try:
            chunk = await asyncio.wait_for(reader.read(65536), left)
        except TimeoutError:
            return
        if not chunk:
            return
        yield chunk


PATHS = (
    "/bms/d00/stream?interval=1",
    "/bms/d01/stream",
    "/stream?devices=d00,d01,d02&topics=bms&interval=1",
    "/stream?devices=*&topics=bms&interval=5",
    "/bms/d02/stream?fields=soc&interval=10",
)
