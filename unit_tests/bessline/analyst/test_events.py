"""Events read back, by page and by place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.analyst.database import Database
from bessline.analyst.events import Events, Wish
from bessline.analyst.log import Log, Saved
from bessline.analytics import Event
from bessline.live.findings import LAST_SEQ, NO_LINE, Line
from bessline.live.ids import Told

ALL = Wish("b1", "anomaly")
LINE = Line("c10c", 2)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(Database(tmp_path / "analytics.db", store_id="0a1b2c3d"))
    found = [Event("anomaly", t_ms, {"n": n}) for n, t_ms in enumerate((10, 20, 20, 30), 1)]
    log.commit("b1", [*found, Event("alarm", 25, {"alarm_id": "a", "state": "raised"})], Saved(30, 4, {}, {}))
    log.commit("b2", [Event("anomaly", 15, {"n": 9})], Saved(30, 4, {}, {}))
    return log


@pytest.fixture
def events(log: Log) -> Events:
    return Events(log.database)


def test_a_range_is_half_open(events: Events) -> None:
    """As that of history."""
    assert [entry.data["n"] for entry in events.page(Wish("b1", "anomaly", 20, 30))] == [2, 3]
    assert events.count(Wish("b1", "anomaly", 20, 30)) == 2


def test_pages_meet_within_a_moment(events: Events) -> None:
    """Each once, in order, and the count says how far one is."""
    seen, after = [], None
    while page := events.page(ALL, after=after, limit=1):
        after = Told(page[0].t_ms, page[0].seq)
        seen.append(page[0].data["n"])
        assert events.count(ALL, upto=after) == len(seen)
    assert seen == [1, 2, 3, 4]
    assert [entry.data["n"] for entry in events.page(ALL, skip=3)] == [4]


def test_what_became_known_late_stands_where_it_was_told(events: Events) -> None:
    """Along that line; in history it stands at its time."""
    late = events.tell_late(LINE, [1], key_ms=22)
    assert [(finding.key_ms, finding.t_ms) for finding in late] == [(22, 10)]
    span = Told(0, 0), Told(24, 0)
    told = events.between(("b1",), *span, line=LINE, known=LAST_SEQ, limit=9)
    assert [finding.data["n"] for finding in told] == [2, 3, 1]
    history = events.between(("b1",), *span, line=NO_LINE, known=LAST_SEQ, limit=9)
    assert [finding.data["n"] for finding in history] == [1, 2, 3]


def test_a_span_ends_within_a_moment(events: Events) -> None:
    """After this one, up to that one; and not what is not known yet."""
    found = events.between(("b1", "b2"), Told(10, 1), Told(20, 2), line=NO_LINE, known=LAST_SEQ, limit=9)
    assert [finding.data["n"] for finding in found] == [9, 2]
    known = events.between(("b1", "b2"), Told(10, 1), Told(20, 2), line=NO_LINE, known=2, limit=9)
    assert [finding.data["n"] for finding in known] == [2]


def test_the_newest_is_that_of_its_time(events: Events) -> None:
    """Of each name; the future is not known."""
    assert events.newest("b1", at_ms=25) == {"anomaly": {"n": 3}, "alarm": {"alarm_id": "a", "state": "raised"}}
    assert events.newest("b1", at_ms=9) == {}


def test_headers_tell_what_is_new(events: Events) -> None:
    """By number."""
    assert [(header.device_id, header.t_ms) for header in events.headers(4)] == [("b1", 25), ("b2", 15)]
    assert events.last_seq() == 6


def test_the_version_changes_with_what_can_be_read(events: Events, log: Log) -> None:
    """With every commit, if only a place moved."""
    before = events.version()
    log.commit("b1", [], Saved(31, 5, {}, {}))
    assert events.version() != before
