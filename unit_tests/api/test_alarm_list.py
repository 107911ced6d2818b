"""The open alarms, and acknowledging them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from unit_tests.api.client import Client, served_copy
from unit_tests.api.found import alarm, analysis_of, put
from unit_tests.plants import MAY_1


@pytest.fixture
def client(tiny_store: Path, tmp_path: Path) -> Iterator[Client]:
    with served_copy(tiny_store, tmp_path) as client:
        assert client.engine.managers is not None
        client.engine.analysis = analysis_of(client.engine.managers.store)
        found = [alarm(MAY_1, "bess1.hot", "raised", "bess1"), alarm(MAY_1, "bess1.smoke", "raised", "bess1")]
        put(client.engine.analysis, found, "bess1")
        yield client


def test_an_alarm_is_acknowledged_once(client: Client) -> None:
    """Who, when and why stand with it from then on; saying it again changes nothing."""
    said = {"by": "night shift", "comment": "a fan"}
    answer = client.ask("POST", "/alarms/bess1.hot/ack", json=said)
    assert answer.status_code == 200
    assert answer.json()["acknowledged"].items() >= said.items()
    assert client.ask("POST", "/alarms/bess1.hot/ack", json={"by": "another"}).json() == answer.json()
    listed = {each["alarm_id"]: each["acknowledged"] for each in client.json("/alarms")["alarms"]}
    assert listed == {"bess1.hot": answer.json()["acknowledged"], "bess1.smoke": None}
    states = [event["state"] for event in client.json("/analytics/bess1/alarms")["data"]]
    assert states == ["raised", "raised", "acknowledged"]


def test_nothing_need_be_said_with_it(client: Client) -> None:
    """No body will do."""
    shown = client.ask("POST", "/alarms/bess1.smoke/ack").json()
    assert (shown["acknowledged"]["by"], shown["acknowledged"]["comment"]) == (None, None)


def test_its_event_stands_at_the_time_of_the_streams(client: Client) -> None:
    """That is the data time at which somebody saw it."""
    assert client.engine.live is not None
    client.ask("POST", "/alarms/bess1.hot/ack")
    page = client.json("/analytics/bess1/alarms", start="2024-04-30T16:15:01Z")
    assert page["total_records"] == 3


def test_an_unknown_alarm_names_the_near_ones(client: Client) -> None:
    """404, and what was meant."""
    answer = client.ask("POST", "/alarms/bess1.hott/ack")
    assert (answer.status_code, answer.json()["matches"][0]) == (404, "bess1.hot")


def test_a_body_that_says_something_else_is_refused(client: Client) -> None:
    """422, and where."""
    answer = client.ask("POST", "/alarms/bess1.hot/ack", json={"who": "me"})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "who"])
