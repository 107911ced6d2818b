"""A server of ours in a process of its own, as a user starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def serving(store: Path, *options: str, timeout_s: float = 120) -> Iterator[str]:
    """Serve `store` on a free loopback port; yields the base URL once it is ready, and ends the server by SIGTERM."""
    server, url = starting(store, *options, timeout_s=timeout_s)
    try:
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def starting(
    store: Path, *options: str, timeout_s: float = 120, variables: Mapping[str, str] | None = None
) -> tuple[subprocess.Popen[bytes], str]:
    """A server of `store` on a free loopback port, ready, and its base URL. Whoever asks for it ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(ROOT / "main.py"), "serve", "--store", str(store), "--port", str(port), *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BESSLINE_")}
    # what a first start has to analyse would be measured with the rest, and is over some time later
    environment |= {"BESSLINE_ANALYTICS": "off", **(variables or {})}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, time.monotonic() + timeout_s)
    except BaseException:
        server.kill()
        raise
    return server, url


def _wait_until_ready(url: str, deadline: float) -> None:
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} was not ready in time")
