"""How a stream begins for a client that comes back with an id, over a real connection."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from httpx_sse import ServerSentEvent

from bessline.errors import StoreDamaged
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
        monkeypatch.setattr("api.beginning.CATCH_UP_ROWS", 5)

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


def test_a_catch_up_has_a_limit() -> None:
    """A flood after a reconnect would drown the stream."""
    assert CATCH_UP_ROWS == 10_000


def _stamp(t_ms: int) -> str:
    return f"2024-05-01T{t_ms // 3_600_000 % 24:02}:{t_ms // 60_000 % 60:02}:{t_ms // 1000 % 60:02}.{t_ms % 1000:03}Z"
