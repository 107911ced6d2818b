"""What becomes of a body in the process, and that the server is spared what it takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.detection_task import work
from api.detection_worker import Task

ROWS = [{"a": float(n % 7), "b": float(n % 5)} for n in range(60)]


def task(folder: Path, store: Path, body: Any) -> Task:
    path = folder / "body"
    path.write_bytes(orjson.dumps(body))
    return Task(path, store)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"data": ROWS, "battery_id": "b7"}, 200, '"battery_id":"b7"'),
        ({"data": ROWS, "contamination": 3}, 422, "contamination is 3"),
        ({"device_id": "bess1", "fields": ["bms_soc", "bms_current"]}, 200, '"device_id":"bess1"'),
        ({"device_id": "bess1", "end": "2020-01-01"}, 200, '"rows":0'),
        ({"device_id": "bess9"}, 404, "did you mean"),
        ({"device_id": "bess1", "fields": ["bms_sok"]}, 404, "did you mean"),
        ({"device_id": "bess1", "thresholds": {"soc": {"max": 3}}}, 422, "not among the fields"),
    ],
)
def test_what_becomes_of_a_body(tiny_store: Path, tmp_path: Path, body: Any, status: int, said: str) -> None:
    outcome = work(task(tmp_path, tiny_store, body))
    assert outcome.status == status, outcome
    assert said in (outcome.body.decode() or outcome.detail)


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    assert work(task(tmp_path, tmp_path / "none", {"device_id": "bess1"})).status == 503


def test_the_server_does_not_import_what_is_heavy() -> None:
    code = "import sys, main; main.create_app; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
