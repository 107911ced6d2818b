"""How live input is, as readiness and metrics tell it."""

from pathlib import Path

from api.engine import Engine
from api.input_health import input_health
from api.settings import Settings
from unit_tests.api.client import served_copy

ROW = {"timestamp": "2024-05-03T00:00:00Z", "soc": 50.0}


def test_before_there_is_a_store_it_waits() -> None:
    """Like everything else."""
    assert input_health(Engine(Settings())) == {"status": "loading", "detail": "waits for the store"}


def test_devices_that_fell_silent_are_named(tiny_store: Path, tmp_path: Path) -> None:
    """Silence is no failure of the server: it stays ready, says who is stale, and counts them."""
    with served_copy(tiny_store, tmp_path) as client:
        detail = client.json("/readyz")["components"]["ingest"]["detail"]
        assert detail == "no device has live input"
        client.ask("POST", "/ingest/new1/bms", json=ROW)

        def told() -> str:
            return str(client.json("/readyz")["components"]["ingest"]["detail"])

        def fell_silent() -> bool:
            live = client.engine.live
            assert live is not None
            for feed, _ in live._inputs.devices["new1"].parts.values():
                feed.arrived_s -= 181
            return told() == "live input from 1; stale: new1"

        client.wait_until(lambda: told() == "live input from 1")
        client.wait_until(fell_silent)
        said = client.get("/metrics").text
        assert 'bess_input_devices{state="stale"} 1.0' in said
        assert 'bess_input_rows_total{kind="accepted"} 1.0' in said
        age = next(line for line in said.splitlines() if line.startswith("bess_input_age_seconds"))
        assert float(age.split()[1]) >= 181
