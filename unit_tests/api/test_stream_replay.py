"""Private replays, over a real connection."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from httpx_sse import ServerSentEvent
from sse_starlette.sse import AppStatus

from bessline.errors import StoreDamaged
from bessline.live.ident import parse
from bessline.live.ids import ReplayId
from bessline.managers import Managers
from unit_tests.api.stream_server import STREAM, Served, names, soc, tell
from unit_tests.bessline.live.plants import small_store, stamp_of

START = {"start": "2024-05-01T00:01:00Z", "fields": "soc", "speed": "0"}


@pytest.fixture
def managers(tmp_path: Path) -> Managers:
    return small_store(tmp_path, rows=300)


def replay_id(event: ServerSentEvent) -> ReplayId:
    ident = parse(event.id)
    assert isinstance(ident, ReplayId)
    return ident


def test_it_walks_the_range_and_ends(managers: Managers) -> None:
    """Half-open, every row once, each with the id of its place; the end counts them."""

    async def story(served: Served) -> None:
        events = await served.events(end="2024-05-01T01:00:00Z", **START)
        assert soc(events) == [float(n) for n in range(2, 120)]
        assert [replay_id(event).t_ms for event in events[:2]] == [stamp_of(2), stamp_of(3)]
        assert names(events[-1:]) == ["end"]
        assert json.loads(events[-1].data) == {"device_id": "b1", "reason": "end", "events": 118}

    tell(managers, story)


def test_one_row_each_interval_never_merged(managers: Managers) -> None:
    """The first at once, the eleventh after ten intervals."""

    async def story(served: Served) -> None:
        began = time.monotonic()
        events = await served.events(start="2024-05-01", interval="0.05", fields="soc", max_events="11")
        assert 0.5 <= time.monotonic() - began < 15
        assert soc(events) == [float(n) for n in range(11)]
        assert all("merged" not in event.data for event in events)

    tell(managers, story)


def test_speed_is_a_multiple_of_data_time(managers: Managers) -> None:
    """Five minutes at 1200 times are a quarter of a second."""

    async def story(served: Served) -> None:
        began = time.monotonic()
        events = await served.events(start="2024-05-01", end="2024-05-01T00:05:01Z", speed="1200", fields="soc")
        assert 0.25 <= time.monotonic() - began < 15
        assert len(soc(events)) == 11

    tell(managers, story)


def test_it_goes_on_exactly_after_its_id(managers: Managers) -> None:
    """On any server with the same store; nothing was missed, for a replay waits for its reader."""

    async def first(served: Served) -> None:
        told.extend(await served.events(STREAM, 7, **START))

    async def second(served: Served) -> None:
        told.extend(await served.events(STREAM, 7, **START, header_id=told[-1].id))

    told: list[ServerSentEvent] = []
    tell(managers, first)
    tell(Managers(managers.store), second)
    assert soc(told) == [float(n) for n in range(2, 15)]
    resume = json.loads(told[7].data)
    assert (told[7].event, resume["status"], resume["missed"]) == ("resume", "exact", 0)
    assert told[7].id == told[6].id


def test_its_id_alone_is_enough(managers: Managers) -> None:
    """Without `start` as well, and with an end of its own."""

    async def story(served: Served) -> None:
        ident = ReplayId(managers.store.id, stamp_of(290))
        events = await served.events(last_event_id=str(ident), end="2024-05-01T02:30:00Z", speed="0", fields="soc")
        assert soc(events) == [float(n) for n in range(291, 300)]

    tell(managers, story)


@pytest.mark.parametrize("ident", ["what?", "r.0badcafe.1714521600000"])
def test_a_foreign_id_begins_at_the_start_and_says_so(managers: Managers, ident: str) -> None:
    """Never silence, never an error."""

    async def story(served: Served) -> None:
        events = await served.events(STREAM, 3, **START, header_id=ident)
        assert json.loads(events[0].data)["status"] == "reset"
        assert soc(events) == [2.0, 3.0]

    tell(managers, story)


@pytest.mark.parametrize("more", [{}, {"max_events": "3"}])
def test_who_comes_back_after_the_end_is_told_to_stop(managers: Managers, more: dict[str, str]) -> None:
    """204 stops an `EventSource`."""

    async def story(served: Served) -> None:
        events = await served.events(**START, **more)
        answer = await served.client.get(STREAM, params=START, headers={"Last-Event-ID": events[-1].id})
        assert answer.status_code == 204

    tell(managers, story)


def test_a_range_without_rows_ends_at_once(managers: Managers) -> None:
    """Before, behind, and empty."""

    async def story(served: Served) -> None:
        for query in (
            {"start": "2030-01-01"},
            {"start": "0001-01-01", "end": "0001-01-02"},
            {"start": "2024-05-01", "end": "2024-05-01"},
        ):
            assert names(await served.events(**query)) == ["end"]

    tell(managers, story)


def test_all_topics_on_one_timeline(managers: Managers) -> None:
    """`/bess` replays as well, with prefixed fields."""

    async def story(served: Served) -> None:
        events = await served.events("/bess/b1/stream", 3, start="2024-05-01", speed="0", fields="pcs_active_power")
        assert [json.loads(event.data)["pcs_active_power"] for event in events] == [0.0, 0.0, 2.0]

    tell(managers, story)


def test_what_cannot_be_read_is_a_farewell(managers: Managers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file ends the stream in order: the client comes back later and goes on from its place."""

    def damaged(*_: object, **__: object) -> None:
        raise StoreDamaged("is damaged", path=Path("bms-soc.parquet"))

    async def story(served: Served) -> None:
        monkeypatch.setattr(managers["bms"], "page", damaged)
        events = await served.events(**START)
        assert names(events) == ["bye"]
        assert json.loads(events[0].data) == {"reason": "unreadable"}

    tell(managers, story)


def test_a_signal_does_not_cancel_replays_before_their_bye() -> None:
    """The library's own way of ending streams is off; ours is `Player.drain`."""
    assert not AppStatus.enable_automatic_graceful_drain
    assert not AppStatus.should_exit
