"""The process that detects: it answers, is replaced when it is lost, and goes with the server."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from api import detection_worker
from api.detection_worker import DetectionWorker, Task, WorkerLost

ROWS = [{"a": float(n % 7), "b": float(n % 5)} for n in range(60)]


def task(folder: Path, store: Path, body: Any) -> Task:
    path = folder / "body"
    path.write_bytes(orjson.dumps(body))
    return Task(path, store)


@pytest.fixture(scope="module")
def worker() -> Iterator[DetectionWorker]:
    one = DetectionWorker()
    yield one
    one.stop()


def test_it_works_in_one_process_and_a_lost_one_is_replaced(worker: DetectionWorker, tmp_path: Path) -> None:
    asked = task(tmp_path, tmp_path, {"data": ROWS})
    assert worker.run(asked).status == 200
    first = worker.pid
    assert worker.run(asked).status == 200
    assert first is not None
    assert worker.pid == first != os.getpid()
    os.kill(first, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (first, signal.SIGKILL)).start()
    with pytest.raises(WorkerLost):
        worker.run(asked)
    assert worker.run(asked).status == 200
    assert worker.pid not in (None, first)


def test_one_that_takes_too_long_is_ended(
    worker: DetectionWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection_worker, "LONGEST_S", 0.0)
    with pytest.raises(WorkerLost, match="took longer"):
        worker.run(task(tmp_path, tmp_path, {"data": ROWS}))
    assert worker.pid is None


def test_after_the_end_none_is_started(tmp_path: Path) -> None:
    stopped = DetectionWorker()
    stopped.stop()
    with pytest.raises(WorkerLost, match="goes away"):
        stopped.run(task(tmp_path, tmp_path, {"data": ROWS}))
