"""Streams of one topic, over a real connection."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bessline.live.gate import Gate
from bessline.managers import Managers
from unit_tests.api.stream_server import EVERY, STREAM, Served, names, soc, tell
from unit_tests.bessline.live.plants import small_store, stamp_of


@pytest.fixture
def managers(tmp_path: Path) -> Managers:
    return small_store(tmp_path, rows=1000, hole=range(30, 500))


def test_a_live_stream_begins_with_a_snapshot(managers: Managers) -> None:
    """Then come readings, each with an id, then `end` after as many as were asked for."""

    async def story(served: Served) -> None:
        events = await served.events(max_events="5", **EVERY)
        assert names(events) == ["snapshot", *["message"] * 5, "end"]
        shown = json.loads(events[0].data)["b1"]
        first = shown["topics"]["bms"]["soc"]
        assert (shown["analytics"], soc(events)) == ({}, [first + n for n in range(1, 6)])
        assert events[0].retry == 2000
        reading = json.loads(events[1].data)
        assert list(reading) == ["device_id", "timestamp", "soc"]

    tell(managers, story)


def test_the_headers_are_those_of_the_contract(managers: Managers) -> None:
    """Of live streams, of replays and of those turned away; `Connection` is the server's own affair."""

    async def story(served: Served) -> None:
        for query in ({"max_events": "1"}, {"start": "2024-05-01", "max_events": "1"}, None):
            served.engine.phase = "ready" if query else "draining"
            answer = await served.client.get(STREAM, params=query)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/event-stream"
            assert answer.headers["cache-control"] == "no-cache, no-transform"
            assert answer.headers["x-accel-buffering"] == "no"
            assert "connection" not in answer.headers

    tell(managers, story)


@pytest.mark.parametrize("query", [{}, {"start": "2024-05-01"}])
def test_head_answers_headers_and_closes(managers: Managers, query: dict[str, str]) -> None:
    """Nobody is left inside."""

    async def story(served: Served) -> None:
        answer = await served.client.head(STREAM, params=query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
        await served.emptied()

    tell(managers, story)


@pytest.mark.parametrize(
    ("path", "query", "status", "hint"),
    [
        ("/bms/b11/stream", {}, 404, "did you mean 'b1'"),
        ("/bms/..%2f/stream", {}, 404, ""),
        (STREAM, {"fields": "soq"}, 422, "did you mean 'soc'"),
        (STREAM, {"fields": ""}, 422, "no bms field"),
        (STREAM, {"interval": "0"}, 422, "0.05 to 3600"),
        (STREAM, {"intervall": "1"}, 422, "intervall"),
        (STREAM, {"start": "2024-05-01T00:00:00"}, 422, "2024-05-01T00:00:00Z"),
        (STREAM, {"start": "2024-05-02", "end": "2024-05-01"}, 422, "end is before start"),
        (STREAM, {"end": "2024-05-01"}, 422, "give start too"),
    ],
)
def test_errors_come_before_the_stream(
    managers: Managers, path: str, query: dict[str, str], status: int, hint: str
) -> None:
    """As problems, with how to write it."""

    async def story(served: Served) -> None:
        answer = await served.client.get(path, params=query)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert hint in answer.text

    tell(managers, story)


def test_a_slower_rate_hides_no_peak(managers: Managers) -> None:
    """Four readings to one: the newest, with the range of all."""

    async def story(served: Served) -> None:
        events = await served.events(STREAM, 4, interval="0.2", fields="soc")
        last = json.loads(events[-1].data)
        assert last["merged"] == 4
        assert last["window"] == {"soc": {"min": last["soc"] - 3, "max": last["soc"]}}

    tell(managers, story)


def test_a_hole_is_a_gap_and_not_a_wait(managers: Managers) -> None:
    """It names the silence, and the next reading follows."""

    async def story(served: Served) -> None:
        events = await served.events(max_events="25", **EVERY)
        at = names(events).index("gap")
        gap, after = json.loads(events[at].data), json.loads(events[at + 1].data)
        assert (after["soc"], gap["to"]) == (500.0, after["timestamp"])

    tell(managers, story, start_ms=stamp_of(20))


def test_many_share_one_encoding(managers: Managers) -> None:
    """Ten subscribers cost the encodings of one."""

    async def story(served: Served) -> None:
        told = await asyncio.gather(*(served.events(max_events="10", **EVERY) for _ in range(10)))
        figures = served.player.figures()
        assert all(len(soc(events)) == 10 for events in told)
        assert figures.sent >= 100
        assert 2 * figures.encoded < figures.sent

    tell(managers, story)


class TestTurnedAway:
    """Those who cannot be served now."""

    @pytest.mark.parametrize("phase", ["loading", "draining"])
    def test_while_loading_and_draining(self, managers: Managers, phase: str) -> None:
        """200, so that the `EventSource` comes back by itself."""

        async def story(served: Served) -> None:
            served.engine.phase = phase  # type: ignore[assignment]
            answer = await served.client.get(STREAM)
            assert answer.status_code == 200
            assert answer.text.startswith(": bessline\nretry: ")

        tell(managers, story)

    def test_at_the_cap(self, managers: Managers) -> None:
        """Those inside go on, and who leaves makes room."""

        async def story(served: Served) -> None:
            async with served.client.stream("GET", STREAM) as inside:
                lines = inside.aiter_lines()  # held: httpx closes a connection whose iterator is let go of
                assert await anext(lines) == ": bessline"
                answer = await served.client.get(STREAM)
                assert (answer.status_code, "data:" in answer.text) == (200, False)
                assert served.player.figures().refused == 1
                assert (await anext(lines)).startswith("retry: ")
            await served.emptied()
            assert "snapshot" in names(await served.events(max_events="1", **EVERY))

        tell(managers, story, gate=Gate(total=1, per_key=99))

    def test_on_this_machine_nobody_is_counted_by_address(self, managers: Managers) -> None:
        """The cap of an address is for strangers."""

        async def story(served: Served) -> None:
            told = await asyncio.gather(*(served.events(max_events="2", **EVERY) for _ in range(3)))
            assert all(names(events)[0] == "snapshot" for events in told)

        tell(managers, story, gate=Gate(total=99, per_key=1))


def test_a_drain_says_bye_to_live_and_replay(managers: Managers) -> None:
    """With a pause of its own for each, and the connections are closed."""

    async def story(served: Served) -> None:
        live = asyncio.create_task(served.events(**EVERY))
        replay = asyncio.create_task(served.events(start="2024-05-01", **EVERY))
        while served.player.gate.inside < 2:
            await asyncio.sleep(0.01)
        await served.player.drain()
        for events in await asyncio.gather(live, replay):
            assert events[-1].event == "bye"
            assert 500 <= (events[-1].retry or 0) <= 5000
        assert served.player.gate.inside == 0

    tell(managers, story)


def test_those_who_leave_leave_nothing(managers: Managers) -> None:
    """After a hundred broken connections no seat is taken and no task is left."""

    async def story(served: Served) -> None:
        await served.events(STREAM, 1, **EVERY)
        await served.emptied()
        before = len(asyncio.all_tasks())
        for n in range(50):
            await asyncio.gather(
                served.events(STREAM, 1 + n % 3, **EVERY),
                served.events(STREAM, 1, start="2024-05-01", **EVERY),
            )
        await served.emptied()
        assert set(served.player.figures().subscribers.values()) == {0}
        assert len(asyncio.all_tasks()) <= before + 2

    tell(managers, story)
