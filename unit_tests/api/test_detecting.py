"""What is answered to a request of detection: its result, or which bound it met and when to come again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from api import detection
from api.detection_worker import DetectionWorker, Outcome, Task, WorkerLost
from unit_tests.api.client import Client, served_copy

PATH = "/anomalies/detect"
BODY = {"data": [{"a": 1.0}]}


@pytest.fixture(scope="module")
def client(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """With a small limit, and a folder of its own to spool in."""
    folder = tmp_path_factory.mktemp("detect")
    with served_copy(tiny_store, folder, detect_bytes=1_500_000, spool=folder / "spool") as served:
        yield served


def worked(outcome: Outcome | Exception, seen: list[bytes] | None = None) -> Any:
    def run(self: DetectionWorker, task: Task) -> Outcome:
        if seen is not None:
            seen.append(task.body.read_bytes())
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return run


def test_the_body_reaches_the_process_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one of many blocks; afterwards its file is gone."""
    seen: list[bytes] = []
    monkeypatch.setattr(DetectionWorker, "run", worked(Outcome(200, b"{}"), seen))
    body = orjson.dumps({"data": [{"a": n} for n in range(110_000)]})
    assert len(body) > 1 << 20
    answer = client.ask("POST", PATH, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.content, seen) == (200, b"{}", [body])
    spool = client.engine.settings.spool
    assert spool is not None
    assert list(spool.glob("bessline-detect-*")) == []


def test_a_body_too_large_is_413(client: Client) -> None:
    """Whether it says its size or not."""
    body = b" " * 1_600_000

    async def parts() -> Any:
        for _ in range(16):
            yield body[:100_000]

    for content in (body, parts()):
        answer = client.ask("POST", PATH, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert "BESSLINE_DETECT_BYTES" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-ndjson"])
def test_another_type_is_415(client: Client, kind: str) -> None:
    assert client.ask("POST", PATH, content=b"{}", headers={"Content-Type": kind}).status_code == 415


def test_a_full_queue_is_429(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "MOST_INSIDE", 0)
    answer = client.ask("POST", PATH, json=BODY)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")


def test_a_lost_process_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DetectionWorker, "run", worked(WorkerLost("the process ended")))
    answer = client.ask("POST", PATH, json=BODY)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "send the request again" in answer.json()["detail"]


def test_a_body_that_does_not_come_is_408(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "ARRIVAL_S", 0.0)
    assert client.ask("POST", PATH, json=BODY).status_code == 408


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(404, detail="no device", matches=["bess1"]),
        Outcome(422, detail="bad", errors=[{"loc": ["body"], "msg": "bad"}]),
        Outcome(503, detail="the store is damaged"),
        Outcome(413, detail="too much"),
    ],
)
def test_what_the_process_says_is_answered(client: Client, monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    monkeypatch.setattr(DetectionWorker, "run", worked(outcome))
    answer = client.ask("POST", PATH, json=BODY)
    assert (answer.status_code, answer.json()["detail"]) == (outcome.status, outcome.detail)
