"""The meters, over HTTP."""

from schemas import page_model
from unit_tests.api.client import Client


def test_a_page_is_what_the_schema_says(server: Client) -> None:
    page = page_model("meter").model_validate(server.json("/meters/m1", batch_size=5))
    assert (page.device_id, page.batch_size) == ("m1", 5)


def test_a_device_without_it_is_404(server: Client) -> None:
    assert server.get("/meters/bess1").status_code == 404
    assert server.get("/meters/bess1/stream").status_code == 404


def test_its_devices_are_the_meters(server: Client) -> None:
    found = server.json("/meters/devices")["devices"]
    assert [device["device_id"] for device in found] == ["m1", "m2"]


def test_registers_only_grow(server: Client) -> None:
    rows = server.json("/meters/m1", batch_size=500, fields="import_energy")["data"]
    values = [row["import_energy"] for row in rows if row["import_energy"] is not None]
    assert values == sorted(values)
    assert values[0] < values[-1]
