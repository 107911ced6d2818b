"""Query names that nobody knows are refused, each with the names near to it."""

from unit_tests.api.client import Client


def test_an_unknown_name_is_answered_with_near_ones(server: Client) -> None:
    assert "did you mean batch_size?" in server.refused("/bms/bess1", batchsize=1)
    assert "did you mean start" in server.refused("/bms/bess1/stream", strat=1)


def test_without_near_names_all_are_told(server: Client) -> None:
    assert "there is topic" in server.refused("/signals", zzz=1)
    assert "there is none" in server.refused("/devices", zzz=1)


def test_a_name_given_twice_is_refused(server: Client) -> None:
    assert "given twice" in server.refused("/signals", topic=["bms", "pcs"])


def test_a_long_name_is_cut(server: Client) -> None:
    assert len(server.refused("/signals", **{"x" * 5000: 1})) < 200


def test_a_link_to_a_page_may_carry_anything(server: Client) -> None:
    assert server.get("/dashboard/", utm="x").status_code == 200
    assert server.get("/static/favicon.svg", v=3).status_code == 200
