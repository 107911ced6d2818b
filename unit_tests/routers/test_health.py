"""Whether it lives, whether it is ready, and its figures."""

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


def test_figures_are_for_prometheus(server: Client) -> None:
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE bess_phase gauge" in answer.text
