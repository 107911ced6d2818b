"""docs/streams.md is true: its examples run, and it names all that there is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

import main
from api.settings import Settings
from unit_tests.served import ROOT, Plant
from unit_tests.streams_page import PAGE, examples

PATHS = main.create_app(Settings()).openapi()["paths"]
STREAMS = {path: about["get"] for path, about in PATHS.items() if path.endswith("/stream")}
PARAMETERS = {each["name"] for about in STREAMS.values() for each in about["parameters"] if each["in"] == "query"}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "no_proxy": "127.0.0.1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def shell(plant: Plant, number: int) -> str:
    done = run("bash", "-ec", examples("sh", plant.url)[number])
    assert done.returncode == 0, done.stderr
    return done.stdout


def python(plant: Plant, number: int) -> list[str]:
    done = run(sys.executable, "-W", "error", "-c", examples("python", plant.url)[number])
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def shape(said: str) -> list[str]:
    """Each line without what differs from run to run."""
    return [re.sub(r"[0-9a-f]{8}|\d+(\.\d+)?", "0", line) for line in said.strip().splitlines()]


def test_the_first_example_gives_what_stands_under_it(plant: Plant) -> None:
    """Line by line, but for the numbers."""
    shown = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[0]
    assert shape(shell(plant, 0)) == shape(shown)


def test_an_id_goes_on_where_it_was(plant: Plant) -> None:
    said = shell(plant, 1)
    assert re.findall(r"^event: (\w+)", said, re.MULTILINE) == ["resume", "end"]
    assert '"status":"exact"' in said


def test_a_replay_ends(plant: Plant) -> None:
    """Ten minutes of readings every 30 s."""
    said = shell(plant, 2)
    assert said.count('"soc"') == 20
    assert "event: end" in said


def test_tail_prints_lines_of_json(plant: Plant) -> None:
    rows = [json.loads(line) for line in shell(plant, 3).splitlines()]
    assert [list(row) for row in rows] == [["device_id", "timestamp", "soc"]] * 3


def test_there_are_no_examples_that_nobody_runs(plant: Plant) -> None:
    """Another one needs another test."""
    assert [len(examples(language, plant.url)) for language in ("sh", "python", "js")] == [4, 3, 2]


def test_the_client_gives_readings(plant: Plant) -> None:
    lines = python(plant, 0)
    assert len(lines) == 3
    assert all(re.fullmatch(r"2024-\S+Z (\d+\.\d|None)", line) for line in lines)


def test_the_client_gives_events_and_resumes(plant: Plant) -> None:
    """Two topics on one connection; the next run begins with `exact`."""
    lines = python(plant, 1)
    assert {line.split()[0] for line in lines[:-1]} == {"bms", "pcs"}
    assert lines[-1] == "exact"


def test_httpx_sse_gives_events(plant: Plant) -> None:
    assert [line.split()[0] for line in python(plant, 2)] == ["snapshot", "message", "message"]


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_is_explained(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("path", sorted(STREAMS))
def test_every_stream_is_named(path: str) -> None:
    assert path in PAGE or f"`/{path.split('/')[1]}`" in PAGE


def test_every_file_that_it_links_to_is_there() -> None:
    links = re.findall(r"\]\((\.\./[^)]+)\)", PAGE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
