"""Figures for Prometheus: by route, never by device."""

from prometheus_client.parser import text_string_to_metric_families

from unit_tests.api.client import Client


def samples(server: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(server.get("/metrics").text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_requests_are_counted_by_route_method_and_status(server: Client) -> None:
    key = ("bess_http_requests_total", (("method", "GET"), ("route", "/env/{device_id}"), ("status", "200")))
    before = samples(server).get(key, 0)
    server.get("/env/bess1")
    server.get("/env/bess2")
    assert samples(server)[key] == before + 2


def test_no_label_grows_with_what_clients_send(server: Client) -> None:
    """Devices, unknown paths and invented methods share one label each."""
    for name in ("a", "b", "c"):
        server.get(f"/{name}/x/y")
        server.get(f"/env/{name}")
        server.ask(name.upper(), "/livez")
    found = samples(server)
    labels = {value for _, pairs in found for name, value in pairs if name in ("route", "method")}
    assert {"none", "other", "/env/{device_id}"} <= labels
    assert not {label for label in labels if "bess1" in label or label in ("A", "/env/a", "/a/x/y")}


def test_the_store_and_the_phase_are_told(server: Client) -> None:
    found = samples(server)
    assert found["bess_phase", (("phase", "ready"),)] == 1
    assert found["bess_phase", (("phase", "loading"),)] == 0
    assert found["bess_store_devices", ()] == 4
    assert server.engine.managers is not None
    bms = server.engine.managers["bms"]
    assert found["bess_store_readings", (("topic", "bms"),)] == sum(bms.count(name) for name in bms.devices())


def test_exports_and_what_is_kept_of_them_are_told(server: Client) -> None:
    size = len(server.get("/env/bess1.arrow", skip=1).content)
    found = samples(server)
    assert found["bess_exports", ()] == 0
    assert found["bess_spool_bytes", ()] == server.engine.exports.spool.bytes >= size > 0


def test_names_have_our_prefix(server: Client) -> None:
    assert {name.split("_")[0] for name, _ in samples(server)} == {"bess"}
    assert any(name.startswith("bess_process_") for name, _ in samples(server))


def test_time_until_the_answer_begins_is_measured(server: Client) -> None:
    server.get("/livez")
    found = samples(server)
    assert found["bess_http_response_start_seconds_count", (("method", "GET"), ("route", "/livez"))] >= 1
