"""Streams of one topic, over a real connection."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pytest
from httpx_sse import ServerSentEvent

from bessline.errors import StoreDamaged
from bessline.live.gate import Gate
from bessline.live.ident import parse
from bessline.live.ids import LiveId
from bessline.live.resume import CATCH_UP_ROWS
from bessline.managers import Managers
from unit_tests.api.stream_server import EVERY, STREAM, Served, names, serving, soc, tell
from unit_tests.bessline.live.plants import small_store, stamp_of


@pytest.fixture
def managers(tmp_path: Path) -> Managers:
    return small_store(tmp_path, rows=1000, hole=range(30, 500))


def live_id(event: ServerSentEvent) -> LiveId:
    ident = parse(event.id)
    assert isinstance(ident, LiveId)
    return ident


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


def test_a_resume_that_cannot_be_read_is_a_farewell(managers: Managers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file ends the stream in order, with an id to come back with."""

    def damaged(*_: object, **__: object) -> None:
        raise StoreDamaged("is damaged", path=Path("bms-soc.parquet"))

    async def story(served: Served) -> None:
        seen = await served.events(max_events="2", **EVERY)
        monkeypatch.setattr(managers["bms"], "page", damaged)
        events = await served.events(last_event_id=seen[0].id, **EVERY)
        assert names(events)[-1] == "bye"
        assert json.loads(events[-1].data) == {"reason": "unreadable"}
        assert events[-1].id == seen[0].id

    tell(managers, story)


def test_many_share_one_encoding(managers: Managers) -> None:
    """Ten subscribers cost the encodings of one."""

    async def story(served: Served) -> None:
        told = await asyncio.gather(*(served.events(max_events="10", **EVERY) for _ in range(10)))
        figures = served.player.figures()
        assert all(len(soc(events)) == 10 for events in told)
        assert figures.sent >= 100
        assert 2 * figures.encoded < figures.sent

    tell(managers, story)


class TestResume:
    """A client that comes back with an id."""

    @pytest.mark.parametrize("as_header", [True, False])
    def test_what_was_missed_comes_once(self, managers: Managers, as_header: bool) -> None:
        """From the store, then live, without loss or duplicate."""

        async def story(served: Served) -> None:
            before = await served.events(max_events="3", **EVERY)
            await served.events(max_events="5", **EVERY)
            came = {"header_id" if as_header else "last_event_id": before[-2].id}
            after = await served.events(max_events="10", **EVERY, **came)
            resume = json.loads(after[0].data)
            assert (after[0].event, resume["status"], resume["history"]) == ("resume", "exact", None)
            assert resume["missed"] >= 5
            assert soc(after) == [soc(before)[-1] + n for n in range(1, 11)]
            assert "snapshot" not in names(after)

        tell(managers, story, start_ms=stamp_of(600))

    def test_every_break_is_mended(self, managers: Managers) -> None:
        """Twenty connections of a few events, each from the last id of the one before: one unbroken row."""

        async def story(served: Served) -> None:
            told, last = await served.events(STREAM, 2, **EVERY), ""
            for n in range(20):
                last = told[-1].id
                told += await served.events(STREAM, 2 + n % 4, **EVERY, header_id=last)
            readings = soc(told)
            assert readings == [readings[0] + n for n in range(len(readings))]

        tell(managers, story, start_ms=stamp_of(600))

    def test_a_resume_repeats_no_id_of_its_own(self, managers: Managers) -> None:
        """Who breaks off right after `resume` has still seen nothing more."""

        async def story(served: Served) -> None:
            before = await served.events(max_events="3", **EVERY)
            resume = (await served.events(STREAM, 1, **EVERY, header_id=before[1].id))[0]
            assert resume.id == before[1].id

        tell(managers, story)

    def test_too_much_is_a_gap_that_history_fills(self, managers: Managers, monkeypatch: pytest.MonkeyPatch) -> None:
        """The link names exactly the readings between the id and the stream."""
        monkeypatch.setattr("api.stream_live.CATCH_UP_ROWS", 5)

        async def story(served: Served) -> None:
            now = live_id((await served.events(STREAM, 1, **EVERY))[0])
            old = now.at(stamp_of(5))
            after = await served.events(STREAM, 3, **EVERY, header_id=str(old))
            resume = json.loads(after[0].data)
            assert (resume["status"], names(after)) == ("gap", ["resume", "message", "message"])
            ((path, query),) = [resume["history"].split("?")]
            span = dict(part.split("=") for part in query.split("&"))
            assert (path, span["start"], span["fields"]) == ("/bms/b1", "2024-05-01T00:02:30.001Z", "soc")
            end_ms = live_id(after[0]).t_ms
            assert span["end"] == _stamp(end_ms + 1)
            assert resume["missed"] == managers["bms"].count("b1", start_ms=stamp_of(5) + 1, end_ms=end_ms + 1)
            assert live_id(after[1]).t_ms == end_ms + 30_000

        tell(managers, story, start_ms=stamp_of(600))

    @pytest.mark.parametrize("kind", ["malformed", "foreign", "other clock", "earlier lap", "future", "replay"])
    def test_an_id_that_says_nothing_gets_a_reset(self, managers: Managers, kind: str) -> None:
        """Never silence, never an error: resume, reset, snapshot, readings."""

        async def story(served: Served) -> None:
            now = live_id((await served.events(STREAM, 1, **EVERY))[0])
            ident = {
                "malformed": "42 or so",
                "foreign": f"l.0badcafe.{now.clock}.{now.lap}.{now.t_ms}",
                "other clock": f"l.{now.store}.abc.{now.lap}.{now.t_ms}",
                "earlier lap": f"l.{now.store}.{now.clock}.{now.lap + 1}.{now.t_ms}",
                "future": str(now.at(now.t_ms + 10**9)),
                "replay": f"r.0badcafe.{now.t_ms}",
            }[kind]
            events = await served.events(STREAM, 5, **EVERY, header_id=ident)
            assert names(events) == ["resume", "reset", "snapshot", "message", "message"]
            assert json.loads(events[0].data)["status"] == "reset"

        tell(managers, story)

    def test_the_id_of_an_end_is_answered_with_204(self, managers: Managers) -> None:
        """Which stops an `EventSource`."""

        async def story(served: Served) -> None:
            events = await served.events(max_events="1", **EVERY)
            answer = await served.client.get(STREAM, headers={"Last-Event-ID": events[-1].id})
            assert (answer.status_code, answer.content) == (204, b"")

        tell(managers, story)

    def test_after_a_kill_nothing_is_lost(self, managers: Managers) -> None:
        """A server that never drained, another on the same store: the id goes on."""

        async def story() -> None:
            async with serving(managers) as first:
                before = await first.events(STREAM, 5, **EVERY)
                first.player.stages._places.save = lambda: None  # type: ignore[method-assign] # what a kill leaves undone
            async with serving(Managers(managers.store)) as second:
                after = await second.events(STREAM, 30, **EVERY, header_id=before[-1].id)
            assert json.loads(after[0].data)["status"] == "exact"
            stored = managers["bms"].page("b1", start_ms=live_id(before[-1]).t_ms + 1, fields=["soc"])
            assert soc(after) == stored.columns["soc"][: len(soc(after))].tolist()
            assert len(soc(after)) > 15

        asyncio.run(asyncio.wait_for(story(), 30))


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


def unpacked(raw: bytes) -> str:
    """The text of zstd frames, of which the last may still be on its way."""
    with pa.input_stream(pa.py_buffer(raw), compression="zstd") as frames, suppress(OSError):
        text = b""
        while part := frames.read(4096):
            text += part
        return text.decode()
    return ""


class TestZstd:
    """To who can undo it, events go out as zstd: each batch a frame of its own, so nobody waits for the next."""

    HEADERS: ClassVar = {"Accept-Encoding": "gzip, zstd"}

    def test_events_come_one_by_one(self, managers: Managers) -> None:
        """The bytes that all share, while the stream goes on; beside somebody who takes them as they are."""

        async def story(served: Served) -> None:
            plain = asyncio.create_task(served.events(STREAM, 4, **EVERY))
            async with served.client.stream("GET", STREAM, params=EVERY, headers=self.HEADERS) as answer:
                assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("zstd", "Accept-Encoding")
                raw = b""
                async for chunk in answer.aiter_raw():
                    raw += chunk
                    if unpacked(raw).count("\ndata: ") == 4:
                        break
            assert len(await plain) == 4

        tell(managers, story)

    @pytest.mark.parametrize("came_back", [False, True])
    def test_bytes_of_ones_own_are_packed_too(self, managers: Managers, came_back: bool) -> None:
        """A limit, the end, and what was missed."""

        async def story(served: Served) -> None:
            last = (await served.events(STREAM, 2, **EVERY))[-1].id
            headers = self.HEADERS | ({"Last-Event-ID": last} if came_back else {})
            answer = served.client.stream("GET", STREAM, params={"max_events": "2", **EVERY}, headers=headers)
            async with answer as stream:
                text = unpacked(b"".join([chunk async for chunk in stream.aiter_raw()]))
            found = [line[7:] for line in text.splitlines() if line.startswith("event: ")]
            assert found == ["resume" if came_back else "snapshot", "end"]
            assert text.count("\ndata: ") == 4

        tell(managers, story)

    def test_who_is_turned_away_can_read_it(self, managers: Managers) -> None:
        """And when to come back."""

        async def story(served: Served) -> None:
            async with served.client.stream("GET", STREAM, headers=self.HEADERS) as answer:
                text = unpacked(b"".join([chunk async for chunk in answer.aiter_raw()]))
            assert "\nretry: " in text

        tell(managers, story, gate=Gate(total=0, per_key=0))

    def test_nobody_else_gets_it(self, managers: Managers) -> None:
        """No word of zstd, or a refusal of it."""

        async def story(served: Served) -> None:
            for accepted in ("identity", "gzip, br", "zstd;q=0", "*"):
                headers = {"Accept-Encoding": accepted}
                answer = await served.client.get(STREAM, params={"max_events": "1"} | EVERY, headers=headers)
                assert "content-encoding" not in answer.headers
                assert "event: end" in answer.text

        tell(managers, story)


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


def test_a_catch_up_has_a_limit() -> None:
    """A flood after a reconnect would drown the stream."""
    assert CATCH_UP_ROWS == 10_000


def _stamp(t_ms: int) -> str:
    return f"2024-05-01T{t_ms // 3_600_000 % 24:02}:{t_ms // 60_000 % 60:02}:{t_ms // 1000 % 60:02}.{t_ms % 1000:03}Z"
