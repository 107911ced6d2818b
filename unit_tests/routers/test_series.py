"""Series for charts."""

from unit_tests.api.client import Client


def test_a_chart_of_two_units_is_one_request(server: Client) -> None:
    body = server.json("/series", device_id="bess1,bess2", signals="bms.soc", max_points=50)
    assert [(found["device_id"], found["signal"]) for found in body["series"]] == [
        ("bess1", "bms.soc"),
        ("bess2", "bms.soc"),
    ]
    assert all(found["points"] <= 50 for found in body["series"])


def test_both_forms_are_described(server: Client) -> None:
    """JSON with its schema, and the Arrow stream."""
    content = server.json("/openapi.json")["paths"]["/series"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["$ref"].endswith("SeriesAnswer")
    assert "application/vnd.apache.arrow.stream" in content
