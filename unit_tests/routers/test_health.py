"""Whether it lives, whether it is ready, and its figures."""

import pytest

from schemas import Alive, Health
from unit_tests.api.client import Client


def test_it_lives(server: Client) -> None:
    assert Alive.model_validate(server.json("/livez")).status == "alive"


def test_it_is_ready_part_by_part(server: Client) -> None:
    health = Health.model_validate(server.json("/readyz"))
    assert {name: part.status for name, part in health.components.items()} == {
        "store": "ready",
        "live": "ready",
        "ingest": "ready",
        "analytics": "ready",
    }
    assert "4 devices" in health.components["store"].detail


def test_while_it_goes_away_it_is_not_ready(server: Client) -> None:
    """503 with Retry-After, part by part."""
    server.engine.phase = "draining"
    try:
        answer = server.get("/readyz")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["components"]["store"]["status"] == "draining"
        assert server.get("/devices").status_code == 503
    finally:
        server.engine.phase = "ready"


def test_what_cannot_be_read_is_told(server: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is gone, or a damaged topic, does not read as ready."""
    assert server.engine.live is not None
    monkeypatch.setattr(server.engine.live, "troubles", lambda: ["bms of bess1 cannot be read"])
    answer = server.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["components"]["live"] == {"status": "failed", "detail": "bms of bess1 cannot be read"}


def test_figures_are_for_prometheus(server: Client) -> None:
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE bess_phase gauge" in answer.text
