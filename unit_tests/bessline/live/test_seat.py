"""A subscriber's seat: what it shows, and what it reads from the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from bessline.live.announcer import Announcer
from bessline.live.audience import Audience, Manner
from bessline.live.feed import Feed
from bessline.live.frames import Frame
from bessline.live.ident import parse
from bessline.live.ids import LiveId
from bessline.live.seat import BLOCK_ROWS, Seat
from bessline.live.series import Wish
from bessline.managers import Managers
from unit_tests.bessline.live.plants import BASE, hub_of, runs, said, small_store, stamp_of

WISHES = [Wish("b1", "bms", ("soc",)), Wish("b1", "pcs", ("active_power",))]
ROWS = 3 * BLOCK_ROWS
END_MS = stamp_of(ROWS - 1) + 1


@pytest.fixture
def managers(tmp_path: Path) -> Managers:
    return small_store(tmp_path, rows=ROWS, hole=range(250, 280))


def seated(managers: Managers, *, at_row: int = ROWS - 1) -> Seat:
    """Stands at `at_row`; ticks are one row."""
    place = BASE.at(stamp_of(at_row))
    hub = hub_of("bms", "pcs", base=place, step_ms=30_000)
    parts = [hub.channels["b1", wish.topic] for wish in WISHES]
    audience = Audience(WISHES, Manner(1.0, named=True), parts=parts, tools=hub)
    feeds = {wish.topic: Feed(managers[wish.topic], "b1", run=runs) for wish in WISHES}
    return Seat(
        audience, feed_of=lambda wish: feeds[wish.topic], managers=managers, announcer=Announcer(None, run=runs)
    )


def walked(seat: Seat, start: LiveId, *, squash: bool = False) -> list[Frame]:
    frames: list[Frame] = []
    for walk in seat.catch_ups([start], squash=squash):
        while not walk.over:
            frames += [frame for batch in walk.batches(walk.read()) for frame in batch.frames]
    return frames


def test_all_that_was_missed_is_read_in_order(managers: Managers) -> None:
    """In blocks, topic by topic, with the gap told of each; the last id is where the others stand."""
    seat = seated(managers)
    frames = walked(seat, BASE.at(stamp_of(9)))
    events = said(frames)
    for wish in WISHES:
        stored = managers[wish.topic].page(
            "b1", start_ms=stamp_of(9) + 1, end_ms=END_MS, limit=ROWS, fields=wish.fields
        )
        told = [event["data"] for event in events if event["event"] == wish.topic]
        assert told == [{"device_id": "b1", **row} for row in stored.rows()]
    assert sum(event["event"] == "gap" for event in events) == 2
    assert frames[-1].ident == seat.audience.ident


def test_a_break_amid_it_goes_on_where_it_was(managers: Managers) -> None:
    """Each event once, also where the break lies within a tick."""
    seat = seated(managers)
    whole = walked(seat, BASE.at(stamp_of(9)))
    for cut in (1, 2, 300, 301, len(whole) - 1):
        last = parse(whole[cut - 1].ident)
        assert isinstance(last, LiveId)
        assert [frame.body for frame in walked(seat, last)] == [frame.body for frame in whole[cut:]]


def test_for_the_slow_all_becomes_one_a_topic(managers: Managers) -> None:
    """And one more behind each gap, which is never merged away."""
    events = said(walked(seated(managers), BASE.at(stamp_of(9)), squash=True))
    assert [event["event"] for event in events] == ["bms", "gap", "bms", "pcs", "gap", "pcs"]
    stored = [managers[wish.topic].count("b1", start_ms=stamp_of(9) + 1, end_ms=END_MS) for wish in WISHES]
    assert [sum(events[n]["data"]["merged"] for n in ns) for ns in ((0, 2), (3, 5))] == stored


def test_what_was_missed_is_counted(managers: Managers) -> None:
    """Over all topics."""
    seat = seated(managers, at_row=99)
    assert seat.count(seat.missing([BASE.at(stamp_of(9))])) == 90 + 45
    assert seat.count(seat.missing([BASE.at(stamp_of(99))])) == 0


def test_a_snapshot_shows_every_topic_by_device(managers: Managers) -> None:
    """Those without a reading so far, too."""
    assert seated(managers).snapshot() == {"b1": {"topics": {"bms": None, "pcs": None}, "analytics": {}}}
