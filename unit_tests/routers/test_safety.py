"""Fire detection, over HTTP."""

from schemas import page_model
from unit_tests.api.client import Client


def test_a_page_is_what_the_schema_says(server: Client) -> None:
    page = page_model("safety").model_validate(server.json("/safety/bess1", batch_size=5))
    assert (page.device_id, page.batch_size) == ("bess1", 5)


def test_a_device_without_it_is_404(server: Client) -> None:
    assert server.get("/safety/m1").status_code == 404
    assert server.get("/safety/m1/stream").status_code == 404


def test_flags_are_whole_numbers(server: Client) -> None:
    """A flag that became 0.0 on the wire would be another type in every client."""
    for row in server.json("/safety/bess1", batch_size=100)["data"]:
        flags = {name: value for name, value in row.items() if name.endswith(("_flag", "_code", "_level"))}
        assert {type(value) for value in flags.values()} <= {int, type(None)}
