"""The server as a process: its socket, its signals, its exit codes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from api.serving import UNSENT_BYTES, CannotListen, listen, raise_file_limit, urls

MAIN = Path(__file__).resolve().parent.parent.parent / "main.py"
PROMISED_S = 2.0
#: Two shared cores may be busy with other tests: starting is slower then, and so is measuring.
_START_S = 40.0


@pytest.fixture
def store(tiny_store: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny_store, tmp_path / "store")
    return tmp_path / "store"


@contextmanager
def process(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in `folder` on a free port, and its address; ended by force if the test did not end it."""
    command = [sys.executable, str(MAIN), "serve", "--port", "0", *options]
    env = {name: text for name, text in os.environ.items() if not name.startswith("BESSLINE_")}
    started = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        yield started, next((word for word in line.split() if word.startswith("http")), "")
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def wait_ready(address: str) -> None:
    until = time.monotonic() + _START_S
    while httpx.get(f"{address}readyz").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.05)


def end(started: "subprocess.Popen[str]", how: signal.Signals) -> tuple[int, float]:
    began = time.monotonic()
    started.send_signal(how)
    code = started.wait(10)
    return code, time.monotonic() - began


def test_a_free_port_is_taken_and_told() -> None:
    sockets = listen("127.0.0.1", 0)
    try:
        port = sockets[0].getsockname()[1]
        assert port > 0
        assert urls(sockets) == [f"http://127.0.0.1:{port}/"]
        socket.create_connection(("127.0.0.1", port)).close()
    finally:
        for own in sockets:
            own.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="this system has no such limit")
def test_little_waits_in_the_kernel_for_a_client() -> None:
    """Of every connection, for it is a matter of the listening socket."""
    (own,) = listen("127.0.0.1", 0)
    with own, socket.create_connection(own.getsockname()):
        own.setblocking(True)
        with own.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == UNSENT_BYTES


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_it_takes_as_many_files_as_it_may() -> None:
    """A shell's default of 1,024 would end at a thousand subscribers."""
    told = "import resource as r; from api.serving import raise_file_limit as f; "
    told += "hard = r.getrlimit(r.RLIMIT_NOFILE)[1]; r.setrlimit(r.RLIMIT_NOFILE, (64, hard)); print(f() == hard)"
    done = subprocess.run([sys.executable, "-c", told], cwd=MAIN.parent, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert raise_file_limit() > 0


def test_the_collector_does_not_stop_the_streams() -> None:
    """What was loaded is walked through no more."""
    told = "import gc; from api.serving import settle_heap; settle_heap(); print(len(gc.get_objects()) < 100)"
    done = subprocess.run([sys.executable, "-c", told], cwd=MAIN.parent, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_a_second_signal_leaves_nobody_behind(tiny_plant: Path, tmp_path: Path) -> None:
    """It only hurries: worker processes of what still loads are ended, too."""
    with process(tmp_path, "--data", str(tiny_plant), "--store", str(tmp_path / "s")) as (started, address):
        assert httpx.get(f"{address}livez").status_code == 200
        started.send_signal(signal.SIGTERM)
        code, took_s = end(started, signal.SIGTERM)
        assert not workers_of(started.pid)
    assert (code, took_s < PROMISED_S) == (0, True)


def test_a_used_port_is_an_error_with_its_own_exit_code() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(CannotListen, match="is in use") as refused:
        listen("127.0.0.1", other.getsockname()[1])
    assert refused.value.exit_code == 30


@pytest.mark.parametrize(("host", "moral"), [("192.0.2.1", "cannot listen on 192.0.2.1"), ("no host", "no address")])
def test_an_address_that_is_not_ours_is_an_error(host: str, moral: str) -> None:
    with pytest.raises(CannotListen, match=moral):
        listen(host, 0)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_says_bye_to_streams_and_ends_with_0(store: Path, tmp_path: Path, how: signal.Signals) -> None:
    """Live stream, replay and idle connection: all end within two seconds."""
    with process(tmp_path, "--store", str(store), "--live-interval", "0.2") as (started, address):
        wait_ready(address)
        with (
            httpx.Client(timeout=10) as http,
            http.stream("GET", f"{address}bms/bess1/stream") as live,
            http.stream("GET", f"{address}bms/bess2/stream?start=2024-05-01&interval=3600") as replay,
        ):
            http.get(f"{address}livez")
            lines = live.iter_lines()
            assert any(line.startswith("event: snapshot") for line in lines)
            code, took_s = end(started, how)
            assert (code, "event: bye" in list(lines)) == (0, True)
            assert "event: bye" in replay.read().decode()
        assert took_s < PROMISED_S


def test_a_client_that_takes_nothing_does_not_hold_the_end_up(store: Path, tmp_path: Path) -> None:
    with process(tmp_path, "--store", str(store)) as (started, address):
        wait_ready(address)
        port = int(address.rstrip("/").rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port)) as frozen,
            socket.create_connection(("127.0.0.1", port)) as idle,
        ):
            frozen.sendall(b"GET /bms/bess1/stream?start=2024-05-01&speed=0 HTTP/1.1\r\nHost: x\r\n\r\n")
            idle.sendall(b"GET /livez HTT")
            frozen.recv(100)
            code, took_s = end(started, signal.SIGTERM)
    assert code == 0
    assert took_s < PROMISED_S


def test_it_ends_in_time_while_it_still_loads(tiny_plant: Path, tmp_path: Path) -> None:
    """And no worker process is left behind."""
    with process(tmp_path, "--data", str(tiny_plant), "--store", str(tmp_path / "s")) as (started, address):
        assert httpx.get(f"{address}livez").status_code == 200
        code, took_s = end(started, signal.SIGTERM)
        assert not workers_of(started.pid)
    assert code == 0
    assert took_s < PROMISED_S


def workers_of(pid: int) -> list[str]:
    """Command lines of spawned workers whose parent is, or was, `pid`."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(file.read_bytes().decode(errors="replace"))
    return [line for line in lines if f"parent_pid={pid}," in line and "resource_tracker" not in line]


def run(folder: Path, *options: str) -> tuple[int, str]:
    with process(folder, *options) as (started, _):
        _, error = started.communicate(timeout=_START_S)
        return started.returncode, error


def test_a_port_in_use_is_told_without_a_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, error = run(tmp_path, "--port", str(other.getsockname()[1]))
    assert code == 30
    assert "is in use" in error
    assert "Traceback" not in error


def test_the_world_is_not_served_without_keys(tmp_path: Path) -> None:
    code, error = run(tmp_path, "--host", "0.0.0.0")
    assert code == 2
    assert "BESSLINE_KEYS" in error
    assert "Traceback" not in error


def test_nothing_to_serve_ends_with_the_code_of_the_reason(tmp_path: Path) -> None:
    code, error = run(tmp_path, "--store", "nowhere")
    assert code == 11
    assert "there is no store" in error
    assert "Traceback" not in error
