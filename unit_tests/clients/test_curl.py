"""`curl -N`: readings appear as they come, and an id on the next call goes on where the last one broke off."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bessline.events import Decoder, Message
from unit_tests.served import AFTER, BEFORE, EVERY, Plant

if shutil.which("curl") is None:
    pytest.skip("curl is not installed", allow_module_level=True)


@contextmanager
def curl(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = ["curl", "-sN", "--noproxy", "*", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def events(process: subprocess.Popen[bytes]) -> Iterator[Message]:
    assert process.stdout is not None
    decoder = Decoder()
    for line in process.stdout:
        yield from decoder.feed(line)


def test_a_killed_server_costs_no_reading(plant: Plant) -> None:
    """curl ends with the server; called again with the last id it gets the rest, each row once."""
    seen, last_id = [], ""
    url = f"{plant.url}/bms/bess1/stream?interval={EVERY}"
    with curl(url) as process:
        for message in events(process):
            last_id = message.id
            seen += [json.loads(message.data)] if message.name == "message" else []
            if len(seen) == BEFORE:
                plant.server.kill()
        assert process.wait(10) != 0
    plant.server.start()
    with curl("-H", f"Last-Event-ID: {last_id}", url) as process:
        for message in events(process):
            seen += [json.loads(message.data)] if message.name == "message" else []
            if len(seen) == AFTER:
                break
    assert seen == plant.truth("bms", "bess1", seen)


def test_a_stream_that_ends_lets_curl_end(plant: Plant) -> None:
    """In a script: `max_events`, exit code 0, and the bytes are lines of text."""
    with curl(f"{plant.url}/bms/bess1/stream?interval={EVERY}&max_events=2&fields=soc") as process:
        said = process.communicate(timeout=30)[0].decode()
    assert process.returncode == 0
    assert [line for line in said.splitlines() if line.startswith("event: ")] == ["event: snapshot", "event: end"]
    assert said.count("data: ") == 4
