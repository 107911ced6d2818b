"""The power conversion system, over HTTP."""

from bessline.signals import fields_of
from schemas import page_model
from unit_tests.api.client import Client


def test_a_page_is_what_the_schema_says(server: Client) -> None:
    page = page_model("pcs").model_validate(server.json("/pcs/bess1", batch_size=5))
    assert (page.device_id, page.batch_size) == ("bess1", 5)


def test_a_device_without_it_is_404(server: Client) -> None:
    assert server.get("/pcs/m1").status_code == 404
    assert server.get("/pcs/m1/stream").status_code == 404


def test_its_devices_are_the_storage_units(server: Client) -> None:
    found = server.json("/pcs/devices")["devices"]
    assert [device["device_id"] for device in found] == ["bess1", "bess2"]


def test_fields_that_the_device_never_measures_are_null(server: Client) -> None:
    """They are there, and null throughout; the list of devices says which it has."""
    (unit, _) = server.json("/pcs/devices")["devices"]
    measured = set(unit["topics"]["pcs"]["fields"])
    rows = server.json("/pcs/bess1", batch_size=200)["data"]
    for name in set(fields_of("pcs")) - measured:
        assert {row[name] for row in rows} == {None}
    assert all(any(row[name] is not None for row in rows) for name in measured)
