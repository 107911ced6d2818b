"""How the analytics are."""

from __future__ import annotations

from pathlib import Path

from api.analysis_health import analysis_health
from api.engine import Engine
from api.settings import Settings
from bessline.analyst.reports import Standing
from unit_tests.api.client import Client, served_copy
from unit_tests.bessline.live.plants import small_store


def test_off_and_not_yet_are_two_things() -> None:
    """Neither is a failure."""
    assert analysis_health(Engine(Settings(analytics=False)))["detail"] == "off"
    assert analysis_health(Engine(Settings()))["detail"] == "waits for the store"


def test_it_says_how_far_behind(tmp_path: Path) -> None:
    """With the process itself: once it has seen all it says so, and the figures say the same."""
    store = small_store(tmp_path / "small").store
    with served_copy(store.path, tmp_path, analytics=True) as client:
        client.wait_until(lambda: "all seen" in detail(client))
        figures = client.get("/metrics").text
        assert "bess_analytics_up 1.0" in figures
        assert "bess_analytics_behind_seconds 0.0" in figures
        assert 'bess_alarms{state="open"} 0.0' in figures
        analysis = client.engine.analysis
        assert analysis is not None
        assert client.json("/analytics/b1")["readings"] == 200
        analysis.standings = {"b1": Standing(0, 86_400_000, 1)}
        assert detail(client) == "1 devices, 1.0 days still to see"


def detail(client: Client) -> str:
    return str(client.json("/readyz")["components"]["analytics"]["detail"])
