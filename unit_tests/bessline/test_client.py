"""The Python client: every reading once, whatever happens to the server; and each refusal by its name."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bessline.client import Client, Event
from bessline.errors import KeyRefused, NotAccepted, NotServed, ServerError, Unreachable
from unit_tests.bessline.live.plants import small_store
from unit_tests.scripted_stream import END, page, reading, script, stream, timed
from unit_tests.served import AFTER, BEFORE, EVERY, quick_plant

GAP = 'id: 50\nevent: resume\ndata: {"status":"gap","missed":4,"history":"/bms/b1?start=1&end=2"}\n\n'


def test_a_broken_stream_goes_on_after_the_last_id() -> None:
    """Half an event is none; the whole one comes with the next connection."""
    with script(stream(reading(1), 'id: 2\ndata: {"so'), stream(reading(2), END)) as server, server.client() as client:
        assert [data["soc"] for data in client.follow("/bms/b1/stream", interval=1)] == [1, 2]
    assert server.asked == [("/bms/b1/stream?interval=1", ""), ("/bms/b1/stream?interval=1", "1")]


def test_a_gap_is_filled_from_history_page_by_page() -> None:
    """In its place, in order, once; the stream goes on behind it."""
    pages = (page(2, 3, following="/bms/b1?cursor=c"), page(4))
    answers = (stream(GAP, reading(99)), *pages, stream(reading(51), END))
    with script(*answers) as server, server.client() as client:
        feed = client.follow("/bms/b1/stream", last_event_id="1")
        seen = [(event.name, event.data.get("soc"), event.id, event.source) for event in feed.events()]
    assert seen == [
        ("resume", None, "1", "stream"),
        ("reading", 2, "1", "history"),
        ("reading", 3, "1", "history"),
        ("reading", 4, "1", "history"),
        ("reading", 51, "51", "stream"),
        ("end", None, "9.end", "stream"),
    ]
    assert server.asked[1:] == [
        ("/bms/b1?start=1&end=2&batch_size=2000", ""),
        ("/bms/b1?cursor=c", ""),
        ("/bms/b1/stream", "50"),
    ]


def test_a_gap_of_many_topics_is_filled_in_order_of_time() -> None:
    """Each topic has its own history; a reading carries the name that it would have had in the stream."""
    links = '["/bms/b1?start=1","/meters/m1?start=1"]'
    gap = GAP.replace('"/bms/b1?start=1&end=2"', links)
    pages = (timed("b1", 1, 3, following="/bms/b1?cursor=c"), timed("m1", 2, 3), timed("b1", 4))
    with script(stream(gap), *pages, stream(END)) as server, server.client() as client:
        events = list(client.follow("/stream", last_event_id="1").events())
        assert server.asked[1] == ("/bms/b1?start=1&batch_size=1000", "")
    found = [(event.name, event.data["timestamp"]) for event in events if event.is_reading]
    assert found == [("bms", "1"), ("meter", "2"), ("bms", "3"), ("meter", "3"), ("bms", "4")]


def test_a_page_that_fails_is_asked_for_again() -> None:
    """A server that dies between two pages costs no row and doubles none."""
    busy = "HTTP/1.1 503 No\r\nRetry-After: 7\r\nConnection: close\r\n\r\n"
    waited: list[float] = []
    answers = (stream("retry: 10\n", GAP), page(2, following="/bms/b1?cursor=c"), busy, page(3), stream(END))
    with script(*answers) as server, Client(server.url, sleep=waited.append) as client:
        rows = [data["soc"] for data in client.follow("/bms/b1/stream", last_event_id="1")]
    assert rows == [2, 3]
    assert waited == [7.0]


def test_the_last_id_is_that_of_what_was_given() -> None:
    """Who stops amid a packet goes on with the next reading, not with the next packet."""
    with script(stream(reading(1), reading(2), reading(3))) as server, server.client() as client:
        feed = client.follow("/bms/b1/stream")
        next(iter(feed))
        assert feed.last_event_id == "1"


def test_end_ends_and_204_too() -> None:
    """Both say that there is nothing more, so nobody asks again."""
    gone = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    with script(stream(reading(1), END), gone) as server, server.client() as client:
        feed = client.follow("/bms/b1/stream")
        assert [event.name for event in feed.events()] == ["reading", "end"]
        assert feed.last_event_id == "9.end"
        assert list(client.follow("/bms/b1/stream", last_event_id="9.end")) == []
    assert server.ids == ["", "9.end"]


def test_a_silent_stream_is_opened_again() -> None:
    """A connection without even a heartbeat is dead, whatever the socket says."""
    with script(stream(reading(1)) + "...", stream(reading(2), END)) as server:
        with server.client(quiet_s=0.2) as client:
            assert [data["soc"] for data in client.follow("/bms/b1/stream")] == [1, 2]
        assert server.ids == ["", "1"]


def test_named_events_are_handed_over() -> None:
    """`reset` above all: time may go backwards after it."""
    reset = 'id: 0\nevent: reset\ndata: {"lap":1}\n\n'
    with script(stream(reading(5), reset, reading(1), END)) as server, server.client() as client:
        events = list(client.follow("/bms/b1/stream").events())
    assert events[1] == Event("reset", {"lap": 1}, "0")
    assert [event.is_reading for event in events] == [True, False, True, False]


@pytest.mark.parametrize(
    ("status", "kind"), [(401, KeyRefused), (403, KeyRefused), (404, NotServed), (422, NotAccepted), (301, ServerError)]
)
def test_a_refusal_has_a_name_and_the_servers_words(status: int, kind: type[ServerError]) -> None:
    """What will not get better is raised, not tried again."""
    with script(f'HTTP/1.1 {status} No\r\nConnection: close\r\n\r\n{{"detail":"no bms device"}}') as server:
        with server.client() as client, pytest.raises(kind, match="no bms device") as caught:
            list(client.follow("/bms/b1/stream"))
        assert (caught.value.status, len(server.asked)) == (status, 1)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n", "no stream but text/html"),
        (stream("data: hello\n\n"), "no stream of readings: hello"),
        (stream(GAP.replace("/bms/b1", "http://elsewhere.test/bms/b1")), "another server"),
    ],
)
def test_what_is_no_stream_of_ours_is_said(answer: str, says: str) -> None:
    """And a link to somebody else's server does not get our key."""
    with script(answer) as server, server.client(key="k") as client, pytest.raises(ServerError, match=says):
        list(client.follow("/bms/b1/stream", last_event_id="1"))


def test_once_gives_up() -> None:
    """No connection, or a broken one."""
    with script(stream(reading(1))) as server, server.client() as client:
        feed = iter(client.follow("/bms/b1/stream", once=True))
        assert next(feed)["soc"] == 1
        with pytest.raises(Unreachable):
            next(feed)


def test_parameters_are_written_as_the_server_reads_them() -> None:
    """Lists with commas, times with their offset, truth in lower case, nothing for None."""
    start = datetime(2024, 5, 1, tzinfo=UTC)
    with script(stream(END)) as server, server.client() as client:
        list(client.follow("/bms/b1/stream?speed=0", fields=["soc", "soh"], start=start, analytics=False, end=None))
    query = "speed=0&fields=soc%2Csoh&start=2024-05-01T00%3A00%3A00%2B00%3A00&analytics=false"
    assert server.asked == [(f"/bms/b1/stream?{query}", "")]


def test_two_kills_cost_no_reading(tmp_path: Path) -> None:
    """After one the stream catches up; after the other the clock is further on than that, and history has the rows."""
    store = small_store(tmp_path, rows=13_000).store.path
    soon = threading.Event()
    with quick_plant(store, tmp_path) as plant, Client(plant.url, sleep=lambda s: soon.wait(min(s, 0.1))) as client:
        seen, said, history, left = [], [], 0, BEFORE
        for event in client.follow("/bms/b1/stream", interval=EVERY, fields=["soc"]).events():
            if not event.is_reading:
                said += [event.data.get("status", event.name)]
                continue
            seen.append(event.data)
            history += event.source == "history"
            left -= event.source == "stream"
            if len(seen) == BEFORE:
                plant.restart()
                left = AFTER
            elif not left and not history:
                plant.restart(ahead_rows=11_000)
                left = BEFORE
            elif not left:
                break
        assert said == ["snapshot", "exact", "gap", "exact"]
        assert history > 10_000
        assert seen == plant.truth("bms", "b1", seen)
