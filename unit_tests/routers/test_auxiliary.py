"""Cooling and auxiliaries, over HTTP."""

from schemas import page_model
from unit_tests.api.client import Client


def test_a_page_is_what_the_schema_says(server: Client) -> None:
    page = page_model("aux").model_validate(server.json("/aux/bess1", batch_size=5))
    assert (page.device_id, page.batch_size) == ("bess1", 5)


def test_a_device_without_it_is_404(server: Client) -> None:
    assert server.get("/aux/m1").status_code == 404
    assert server.get("/aux/m1/stream").status_code == 404


def test_the_coolant_comes_back_from_where_it_went(server: Client) -> None:
    """Both ends of the circuit are in one row."""
    row = server.json("/aux/bess1", batch_size=1, skip=200)["data"][0]
    assert row["outwater_temp"] is not None
    assert row["return_water_temp"] is not None
