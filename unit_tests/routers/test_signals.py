"""The catalogue of signals."""

from bessline.signals import catalogue
from schemas import SignalList
from unit_tests.api.client import Client


def test_the_whole_catalogue_is_served(server: Client) -> None:
    found = SignalList.model_validate(server.json("/signals"))
    assert [(row.topic, row.field) for row in found.signals] == [(row.topic, row.field) for row in catalogue()]


def test_a_row_says_unit_sign_and_range(server: Client) -> None:
    row = next(row for row in server.json("/signals")["signals"] if (row["topic"], row["field"]) == ("bms", "current"))
    assert (row["unit"], row["sign"], row["valid"]) == ("A", "discharge positive", [-2000.0, 2000.0])


def test_one_topic_may_be_asked_for(server: Client) -> None:
    assert {row["topic"] for row in server.json("/signals", topic="cells")["signals"]} == {"cells"}
    assert "write one of bms" in server.refused("/signals", topic="bns")
