"""The battery management system, over HTTP."""

from bessline.signals import fields_of
from schemas import page_model
from unit_tests.api.client import Client


def test_a_page_is_what_the_schema_says(server: Client) -> None:
    page = page_model("bms").model_validate(server.json("/bms/bess1", batch_size=5))
    assert (page.device_id, page.batch_size) == ("bess1", 5)


def test_a_device_without_it_is_404(server: Client) -> None:
    assert server.get("/bms/m1").status_code == 404
    assert server.get("/bms/m1/stream").status_code == 404


def test_its_devices_are_the_storage_units(server: Client) -> None:
    found = server.json("/bms/devices")["devices"]
    assert [device["device_id"] for device in found] == ["bess1", "bess2"]


def test_a_missing_value_is_null_and_present(server: Client) -> None:
    """Every field of the contract is in every row."""
    for row in server.json("/bms/bess1", batch_size=500)["data"]:
        assert list(row)[1:] == list(fields_of("bms"))
        assert any(value is not None for name, value in row.items() if name != "timestamp")
