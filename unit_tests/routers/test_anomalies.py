"""POST /anomalies/detect, by both its names, with the real process."""

from __future__ import annotations

import pytest

from schemas import Detected
from unit_tests.api.client import Client

ROWS = [{"voltage": 3.3 + 0.001 * (n % 13), "current": float(n % 7)} for n in range(200)]


@pytest.mark.parametrize("path", ["/anomalies/detect", "/api/v1/anomalies/detect"])
def test_rows_are_answered_with_reasons(server: Client, path: str) -> None:
    rows = [*ROWS, {"voltage": 3.9, "current": 3.0}]
    answer = server.ask("POST", path, json={"battery_id": "b7", "data": rows, "contamination": 0.01})
    assert answer.status_code == 200, answer.text
    found = Detected.model_validate(answer.json())
    assert (found.battery_id, found.scored, found.anomalies[0].index) == ("b7", 201, 200)
    assert found.anomalies[0].features[0].feature == "voltage"


def test_a_stored_history_is_answered_with_its_times(server: Client) -> None:
    asked = {"device_id": "bess1", "start": "2024-05-01", "end": "2024-05-01T06:00:00Z", "contamination": 0.01}
    found = Detected.model_validate(server.ask("POST", "/anomalies/detect", json=asked).json())
    assert (found.device_id, found.rows) == ("bess1", 720)
    assert all((each.timestamp or "").startswith("2024-05-01T0") for each in found.anomalies)


@pytest.mark.parametrize("body", [b"", b"[", b"[1]", b'{"data":[{"a":"b"}]}', b'{"data":[{"a":1}],"contamination":2}'])
def test_a_malformed_body_is_422_and_says_where(server: Client, body: bytes) -> None:
    answer = server.ask("POST", "/anomalies/detect", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert all(error["loc"][0] == "body" and error["msg"] for error in answer.json()["errors"])


def test_it_is_described(server: Client) -> None:
    operation = server.json("/openapi.json")["paths"]["/anomalies/detect"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"]
    assert operation["responses"]["200"]["content"]


def test_other_methods_are_405(server: Client) -> None:
    assert server.ask("GET", "/anomalies/detect").status_code == 405
