"""What was found, by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.analytics import AHEAD
from bessline.analytics import Event
from unit_tests.api.client import Client, served_copy
from unit_tests.api.found import alarm, analysis_of, anomaly, put
from unit_tests.plants import MAY_1

PATH = "/analytics/bess1/anomalies"
TIMES = [MAY_1 + n * 60_000 for n in (0, 1, 1, 2, 3)]


@pytest.fixture(scope="module")
def client(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served_copy(tiny_store, tmp_path_factory.mktemp("found")) as client:
        assert client.engine.managers is not None
        client.engine.analysis = analysis_of(client.engine.managers.store)
        found = [anomaly(t_ms, n, "bess1") for n, t_ms in enumerate(TIMES)]
        put(client.engine.analysis, [*found, alarm(TIMES[0], "bess1.hot", "raised", "bess1")], "bess1")
        yield client


def numbers(page: dict[str, Any]) -> list[int]:
    return [event["n"] for event in page["data"]]


def test_a_page_says_where_it_stands(client: Client) -> None:
    """How many there are, how far they were looked for, and how to go on."""
    page = client.json(PATH, batch_size=2)
    assert list(page)[:6] == ["device_id", "total_records", "batch_size", "skip", "analysed_until", "evidence"]
    assert (page["total_records"], numbers(page), page["analysed_until"]) == (5, [0, 1], "2024-05-01T00:03:00.000Z")


def test_cursors_links_and_skip_give_the_same(client: Client) -> None:
    """Each once, in order, also two of one moment."""
    url, seen = f"{PATH}?batch_size=1", list[int]()
    while url:
        answer = client.get(url)
        seen += numbers(answer.json())
        url = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == [0, 1, 2, 3, 4]
    assert [numbers(client.json(PATH, batch_size=1, skip=n)) for n in range(5)] == [[n] for n in range(5)]
    assert answer.json()["next_cursor"] is None
    assert numbers(client.json(PATH, cursor=answer.json()["tail_cursor"])) == []


def test_a_tail_cursor_gives_what_came_since(client: Client) -> None:
    """Of another range it would give nothing new."""
    tail = client.json(PATH, skip=5, start="2024-05-01", end="2024-05-02")["tail_cursor"]
    assert client.engine.analysis is not None
    put(client.engine.analysis, [anomaly(TIMES[-1], 4, "bess1"), anomaly(TIMES[-1] + 1000, 5, "bess1")], "bess1")
    assert numbers(client.json(PATH, cursor=tail)) == [5]


def test_ranges_are_half_open(client: Client) -> None:
    """Times, days and cursors as in history."""
    page = client.json(PATH, start="2024-05-01T00:01:00Z", end="2024-05-01T00:02:00Z")
    assert numbers(page) == [1, 2]
    assert numbers(client.json(PATH, date="2024-05-02")) == []
    assert "excludes" in client.refused(PATH, date="2024-05-01", start="2024-05-01")
    assert "before start" in client.refused(PATH, start="2024-05-02", end="2024-05-01")


def test_a_cursor_is_of_its_resource(client: Client) -> None:
    """Not of another one, of another range, or of history."""
    cursor = client.json(PATH, batch_size=1)["next_cursor"]
    assert "belongs to anomaly of bess1" in client.refused("/analytics/bess2/anomalies", cursor=cursor)
    assert "belongs to" in client.refused("/analytics/bess1/alarms", cursor=cursor)
    assert "belongs to" in client.refused("/bms/bess1", cursor=cursor)
    assert "exclude each other" in client.refused(PATH, cursor=cursor, skip=1)
    assert "not what the cursor carries" in client.refused(PATH, cursor=cursor, start="2024-05-01")
    reading = client.json("/bms/bess1", batch_size=1)["next_cursor"]
    assert "belongs to bms of bess1" in client.refused(PATH, cursor=reading)
    assert "damaged" in client.refused(PATH, cursor="nonsense")


def test_lines_hold_the_same(client: Client) -> None:
    """An event a line."""
    answer = client.get(PATH, format="ndjson", batch_size=2)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [orjson.loads(line)["n"] for line in answer.content.splitlines()] == [0, 1]
    assert "format=ndjson" in answer.headers["link"]
    client.refused(PATH, format="parquet")


def test_what_a_client_has_is_not_sent_again(client: Client) -> None:
    """Until something new was found."""
    for path in (PATH, "/analytics/bess1", "/alarms"):
        etag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
        assert client.engine.analysis is not None
        put(client.engine.analysis, [anomaly(TIMES[-1] + 2000 + len(path), 6, "bess1")], "bess1")
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_the_states_of_all_methods(client: Client) -> None:
    """With the newest event of each name."""
    body = client.json("/analytics/bess1")
    assert set(body["newest"]) == {"anomaly", "alarm"}
    assert body["states"]["anomaly"]["learned"] > 0


def test_a_device_without_readings_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of signals that the catalogue does not know nothing is made that could be analysed."""
    assert client.engine.managers is not None
    devices = client.engine.managers.store.devices
    bare = replace(devices["m1"], topics={})
    monkeypatch.setitem(devices, "m1", bare)
    for path in ("/analytics/m1", "/analytics/m1/anomalies"):
        assert client.json(path)["evidence"] == "this device has no reading that could be analysed"


def test_a_device_that_was_not_analysed_says_so(client: Client) -> None:
    """And it is no error."""
    assert client.json("/analytics/m1")["evidence"] == "the analytics have not begun with this device yet"
    page = client.json("/analytics/m1/forecasts")
    assert (page["total_records"], page["data"], page["analysed_until"]) == (0, [], None)


def test_what_is_read_ahead_of_the_walk_is_there(client: Client) -> None:
    """And it is said that the walk is still on its way."""
    assert client.engine.analysis is not None
    log, path = client.engine.analysis.log, "/analytics/bess2"
    ageing = Event("degradation", TIMES[3], {"device_id": "bess2", "timestamp": "2024-05-01T00:02:00.000Z", "n": 1})
    etag = client.get(path).headers["etag"]
    log.keep_ahead("bess2", [ageing], upto_ms=TIMES[4], states={"degradation": {"soh": {"bms": 98.0}}})
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200
    body, page = client.json(path), client.json(f"{path}/degradation")
    assert body["states"] == {"degradation": {"soh": {"bms": 98.0}}}
    assert (body["newest"]["degradation"]["n"], body["analysed_until"], numbers(page)) == (1, None, [1])
    assert body["evidence"] == page["evidence"] == AHEAD
    put(client.engine.analysis, [anomaly(TIMES[2], 1, "bess2")], "bess2")
    body = client.json(path)
    assert (set(body["states"]), body["evidence"]) == ({"anomaly", "degradation"}, AHEAD)
    put(client.engine.analysis, [anomaly(TIMES[4], 2, "bess2")], "bess2")
    assert client.json(f"{path}/degradation")["evidence"] is None


def test_without_analytics_it_says_why(server: Client) -> None:
    """Nothing found and nothing looked for are two things."""
    for path in (PATH, "/analytics/bess1", "/alarms"):
        assert "analytics are off" in server.json(path)["evidence"]
