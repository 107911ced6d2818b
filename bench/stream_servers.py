"""Servers of event streams in processes of their own: ours, the naive way, bare ASGI, and nginx with nchan."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from bench.server import ROOT
from bench.stream_peers import frame
from bessline.signals import fields_of
from bessline.sources import open_source
from bessline.store import ingest

DEVICES, ROWS = 15, 4000
NGINX = """
load_module modules/ngx_nchan_module.so;
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error crit; worker_rlimit_nofile 20000;
events {{ worker_connections 16000; }}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
 uwsgi_temp_path {folder}; scgi_temp_path {folder};
 server {{ listen 127.0.0.1:{port};
  location = /pub {{ nchan_publisher; nchan_channel_id s; nchan_message_buffer_length 30; }}
  location = /stream {{ nchan_subscriber eventsource; nchan_channel_id s; }} }} }}
"""


@dataclass(frozen=True)
class Served:
    """A server that answers on `port`; `pid` is the process that streams `path`."""

    pid: int
    port: int
    path: str


def bench_store(folder: Path) -> Path:
    """A store of 15 devices with bms readings each 30 s, made once."""
    store, raw = folder / "streams-store", folder / "streams-raw"
    if store.exists():
        return store
    stamps = np.datetime_as_string(np.datetime64("2024-05-01T00:00:00") + np.arange(ROWS) * 30, unit="s")
    stems = {"soc": "soc", "soh": "soh", "voltage": "v", "current": "c"}
    stems |= {f"cell_{kind}_{of}": f"cell_{short}_{'v' if of == 'voltage' else 't'}" for kind, short in
              (("avg", "ave"), ("max", "max"), ("min", "min")) for of in ("voltage", "temp")}  # fmt: skip
    stems |= {"cell_voltage_diff": "cell_v_diff", "cell_temp_diff": "cell_t_diff"}
    for device in range(DEVICES):
        for name in fields_of("bms"):
            if name not in stems:
                continue
            file = raw / "BESS" / f"d{device:02}" / f"bms1_{stems[name]}.csv"
            file.parent.mkdir(parents=True, exist_ok=True)
            values = np.round(3.2 + 0.1 * np.sin(np.arange(ROWS) / 50 + device), 3)
            rows = (f"{stamp.replace('T', ' ')},{value}\n" for stamp, value in zip(stamps, values, strict=True))
            file.write_text(f"ts,bms1_{stems[name]}\n" + "".join(rows))
    ingest([open_source(raw, timezone="UTC")], store, workers=0)
    return store


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begin(command: list[str], *, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start `command`; what it says goes to `log`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BESSLINE_")}
    with (log or Path(os.devnull)).open("ab") as out:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)


@contextmanager
def process(command: list[str], port: int, *, timeout_s: float = 60) -> Iterator[subprocess.Popen[bytes]]:
    """`command` until the `with` ends, once it accepts connections on `port`."""
    started = begin(command)
    try:
        until = time.monotonic() + timeout_s
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if time.monotonic() > until or started.poll() is not None:
                raise TimeoutError(f"{command} does not listen on {port}")
            time.sleep(0.05)
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def serve(store: Path, port: int, *, interval_s: float) -> list[str]:
    """The command that serves `store`."""
    options = ["--store", str(store.resolve()), "--port", str(port), "--live-interval", str(interval_s)]
    return [sys.executable, "main.py", "serve", *options]


def wait_ready(port: int, timeout_s: float = 60) -> None:
    """Until it serves."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"port {port} was not ready in time")


@contextmanager
def ours(store: Path, *, topics: int, interval_s: float) -> Iterator[Served]:
    """bessline itself, as a user starts it."""
    port = free_port()
    with process(serve(store, port, interval_s=interval_s), port) as started:
        wait_ready(port)
        many = ",".join(f"d{device:02}" for device in range(topics))
        rate = f"interval={max(0.05, interval_s)}"
        path = f"/bms/d00/stream?{rate}" if topics == 1 else f"/stream?devices={many}&topics=bms&{rate}"
        yield Served(started.pid, port, path)


@contextmanager
def peer(name: str, *, topics: int, interval_s: float) -> Iterator[Served]:
    """One of `bench.stream_peers`."""
    port = free_port()
    command = [sys.executable, "-m", "bench.stream_peers", name, str(port), str(topics), str(interval_s)]
    with process(command, port) as started:
        yield Served(started.pid, port, "/stream")


def nchan_is_there() -> bool:
    """Whether Debian's module is installed."""
    return shutil.which("nginx") is not None and Path("/usr/lib/nginx/modules/ngx_nchan_module.so").exists()


@contextmanager
def nchan(folder: Path, *, topics: int, interval_s: float) -> Iterator[Served]:
    """nginx with nchan, and a publisher that posts each event."""
    port, place = free_port(), folder / "nchan"
    place.mkdir(exist_ok=True)
    (place / "conf").write_text(NGINX.format(folder=place.resolve(), port=port))
    stop = threading.Event()
    command = ["nginx", "-p", "/usr/share/nginx", "-c", str((place / "conf").resolve())]
    with process(command, port) as started:
        publisher = threading.Thread(target=_publish, args=(port, topics, interval_s, stop.wait))
        publisher.start()
        try:
            children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
            yield Served(int(children[0]), port, "/stream")
        finally:
            stop.set()
            publisher.join()


def _publish(port: int, topics: int, interval_s: float, wait: Callable[[float], bool]) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        start = time.monotonic()
        for n in range(10**9):
            if wait(max(0.0, start + n * interval_s - time.monotonic())):
                return
            for part in range(topics):
                data = frame(n * topics + part).partition(b"data: ")[2].strip()
                client.post("/pub", content=data)
