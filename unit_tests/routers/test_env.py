"""The air in the container, over HTTP."""

from schemas import page_model
from unit_tests.api.client import Client


def test_a_page_is_what_the_schema_says(server: Client) -> None:
    page = page_model("env").model_validate(server.json("/env/bess1", batch_size=5))
    assert (page.device_id, page.batch_size) == ("bess1", 5)


def test_a_device_without_it_is_404(server: Client) -> None:
    assert server.get("/env/m1").status_code == 404
    assert server.get("/env/m1/stream").status_code == 404


def test_air_has_a_temperature_and_a_humidity(server: Client) -> None:
    rows = server.json("/env/bess1", batch_size=100)["data"]
    assert {type(row["humidity"]) for row in rows} <= {float, type(None)}
    assert all(0 <= row["humidity"] <= 100 for row in rows if row["humidity"] is not None)
