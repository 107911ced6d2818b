"""A whole storage unit on one timeline, over HTTP."""

from schemas import page_model
from unit_tests.api.client import Client


def test_a_page_is_what_the_schema_says(server: Client) -> None:
    page = page_model("bess").model_validate(server.json("/bess/bess1", batch_size=5))
    assert (page.device_id, page.batch_size) == ("bess1", 5)


def test_a_device_without_it_is_404(server: Client) -> None:
    assert server.get("/bess/m1").status_code == 404
    assert server.get("/bess/m1/stream").status_code == 404


def test_its_row_holds_those_of_its_topics(server: Client) -> None:
    """Same stamp, same values, with the topic before the name; the finest grid leads."""
    whole = {row["timestamp"]: row for row in server.json("/bess/bess1", batch_size=300)["data"]}
    for topic in ("bms", "pcs"):
        for row in server.json(f"/{topic}/bess1", batch_size=200)["data"]:
            joint = whole[row["timestamp"]]
            assert {
                f"{topic}_{name}": value for name, value in row.items() if name != "timestamp"
            }.items() <= joint.items()


def test_fields_are_asked_for_by_their_whole_name(server: Client) -> None:
    row = server.json("/bess/bess1", batch_size=1, fields="pcs_dc_current,bms_soc")["data"][0]
    assert list(row) == ["timestamp", "bms_soc", "pcs_dc_current"]
    assert "bms_soc" in server.refused("/bess/bess1", fields="soc")
