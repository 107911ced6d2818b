"""The alarms that are open, and who has seen them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.analyst.alarm_book import Acknowledgement, AlarmBook
from bessline.analyst.database import Database
from bessline.analyst.events import Events, Wish
from bessline.analyst.log import Log, Saved
from bessline.analytics import Event
from bessline.errors import NotKnown

SEEN = Acknowledgement("2024-05-01T00:00:00.000Z", "night shift", "a fan")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(Database(tmp_path / "analytics.db", store_id="0a1b2c3d"))
    say(log, 10, "b1.hot", "raised")
    return log


@pytest.fixture
def book(log: Log) -> AlarmBook:
    return AlarmBook(log.database)


def say(log: Log, t_ms: int, alarm: str, state: str) -> None:
    event = Event("alarm", t_ms, {"device_id": "b1", "alarm_id": alarm, "state": state, "reason": "it is hot"})
    log.commit("b1", [event], Saved(t_ms, 1, {}, {}))


def acknowledged(book: AlarmBook) -> list[bool]:
    return [alarm["acknowledged"] is not None for alarm in book.open()]


def test_what_is_not_cleared_is_open(log: Log, book: AlarmBook) -> None:
    """Oldest first."""
    say(log, 20, "b1.smoke", "raised")
    assert [alarm["alarm_id"] for alarm in book.open()] == ["b1.hot", "b1.smoke"]
    say(log, 30, "b1.hot", "cleared")
    assert [alarm["alarm_id"] for alarm in book.open()] == ["b1.smoke"]


def test_an_acknowledgement_is_an_event(log: Log, book: AlarmBook) -> None:
    """At the data time of what was seen, and never before the alarm."""
    shown = book.acknowledge("b1.hot", SEEN, at_ms=5)
    assert (shown["state"], shown["acknowledged"]) == ("raised", SEEN.said())
    (_, event) = Events(log.database).page(Wish("b1", "alarm"))
    assert (event.t_ms, event.data["state"], event.data["acknowledged"]["by"]) == (10, "acknowledged", "night shift")
    assert acknowledged(book) == [True]
    assert book.counts() == {"open": 1, "acknowledged": 1}


def test_twice_changes_nothing(log: Log, book: AlarmBook) -> None:
    """The first one counts."""
    first = book.acknowledge("b1.hot", SEEN, at_ms=20)
    assert book.acknowledge("b1.hot", Acknowledgement("later", "day shift"), at_ms=30) == first
    assert Events(log.database).count(Wish("b1", "alarm")) == 2


def test_it_outlives_beginning_anew(log: Log, book: AlarmBook) -> None:
    """What a person said is not found again by any method."""
    book.acknowledge("b1.hot", SEEN, at_ms=20)
    log.begin_anew("b1")
    assert book.open() == []
    say(log, 10, "b1.hot", "raised")
    assert acknowledged(book) == [True]


def test_raised_again_it_is_not_seen_yet(log: Log, book: AlarmBook) -> None:
    """An acknowledgement is of one time."""
    book.acknowledge("b1.hot", SEEN, at_ms=20)
    say(log, 30, "b1.hot", "cleared")
    say(log, 40, "b1.hot", "raised")
    assert acknowledged(book) == [False]


def test_an_unknown_alarm_names_the_near_ones(book: AlarmBook) -> None:
    """And a known one its device."""
    with pytest.raises(NotKnown, match=r"did you mean 'b1\.hot'"):
        book.acknowledge("b1.hott", SEEN, at_ms=0)
    assert (book.device_of("b1.hot"), book.device_of("b1.hott")) == ("b1", None)
