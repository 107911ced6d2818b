"""The npm package `eventsource` under node: reconnects and resumes by itself, and misses nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from unit_tests.served import AFTER, BEFORE, EVERY, Plant

SCRIPT = Path(__file__).with_name("eventsource.mjs")
PACKAGE = "eventsource@4"
NPM_S = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and the script; skips where npm or its registry cannot be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    made = tmp_path_factory.mktemp("node")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(made), PACKAGE]
    try:
        subprocess.run(command, cwd=made, check=True, capture_output=True, timeout=NPM_S)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"npm cannot install {PACKAGE} here: {error}")
    shutil.copy(SCRIPT, made)
    return made


@contextmanager
def following(folder: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(["node", SCRIPT.name, url], cwd=folder, text=True, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_killed_server_costs_no_reading(folder: Path, plant: Plant) -> None:
    """kill -9 in mid-stream: what was seen is what the store holds, each row once."""
    seen, statuses = [], []
    with following(folder, f"{plant.url}/bms/bess1/stream?interval={EVERY}") as process:
        assert process.stdout is not None
        for event in map(json.loads, process.stdout):
            statuses += [event["data"]["status"]] if event["event"] == "resume" else []
            if event["event"] == "message":
                seen.append(event["data"])
                if len(seen) == BEFORE:
                    plant.restart()
                if len(seen) == AFTER:
                    break
    assert statuses == ["exact"]
    assert seen == plant.truth("bms", "bess1", seen)


def test_an_end_is_the_end(folder: Path, plant: Plant) -> None:
    """A replay ends with `end`; the script closes, and node has nothing more to wait for."""
    url = f"{plant.url}/bms/bess1/stream?start=2024-01-01&speed=0&max_events=3"
    with following(folder, url) as process:
        said = process.communicate(timeout=30)[0]
    assert [json.loads(line)["event"] for line in said.splitlines()] == ["message"] * 3 + ["end"]
    assert process.returncode == 0
