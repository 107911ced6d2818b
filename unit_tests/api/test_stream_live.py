"""The response of a live stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from starlette.types import Message, Receive

from api.door import chunked
from api.events import HEARTBEAT, encode
from api.stream_live import Listener, LiveStream, starts_of
from api.stream_query import live
from bessline.live.audience import Counts
from bessline.live.frames import Batch, Form, Frame
from bessline.live.gate import Gate
from bessline.live.player import Player
from bessline.live.seat import Pace
from unit_tests.api.test_stream_query import PLAIN
from unit_tests.bessline.live.plants import BASE, small_store


class Shown:
    """A door that keeps what is pushed through it."""

    waiting = 0
    paused = False

    def __init__(self, form: Form = bytes) -> None:
        self.form, self.pushed = form, list[bytes]()
        self.aborted = False

    def push(self, body: bytes) -> None:
        self.pushed.append(body)

    def give(self, batch: Batch) -> bool:
        if not self.paused:
            self.pushed.append(batch.formed(self.form))
        return not self.paused

    async def drained(self) -> bool:
        return not self.paused

    async def ended(self, receive: Receive, over: asyncio.Event) -> None:
        await over.wait()

    def nudge(self) -> None:
        pass

    def abort(self) -> None:
        self.aborted = True


def frames(kinds: str) -> list[Frame]:
    """``r`` a reading, ``g`` a gap."""
    return [Frame(kind.encode(), f"l.s.c.0.{n}", reading=kind == "r") for n, kind in enumerate(kinds)]


def batch(kinds: str) -> Batch:
    return Batch(frames(kinds), before=(BASE,))


def test_all_get_the_very_bytes() -> None:
    """Made ready for the wire once, where the door leads there."""
    doors, shared = [Shown(), Shown(chunked), Shown(chunked)], batch("rr")
    assert [Listener(door, Counts(), limit=None).take(shared) for door in doors] == [True, True, True]
    plain, one, other = (door.pushed[0] for door in doors)
    assert (plain is shared.body, one is other, one == chunked(plain)) == (True, True, True)


def test_the_limit_counts_readings_only() -> None:
    """Gaps are not counted; after the last reading comes the end, with its id, and nothing more."""
    door, counts = Shown(), Counts()
    listener = Listener(door, counts, limit=2)
    listener.in_step = True
    listener.take(batch("grgrr"))
    assert door.pushed[0].startswith(b"grgrid: l.s.c.0.3.end\nevent: end\n")
    assert (listener.reason, listener.in_step, counts.closed) == ("end", False, {"end": 1})


def test_who_has_not_taken_the_last_falls_behind() -> None:
    """And stands before the batch that it did not get."""

    async def story() -> None:
        door = Shown()
        door.paused = True
        listener = Listener(door, Counts(), limit=None)
        assert not listener.take(batch("r"))
        assert (door.pushed, listener.places, listener.last_ident) == ([], (BASE,), str(BASE))

    asyncio.run(story())


def test_who_takes_nothing_for_long_is_broken_off() -> None:
    """Counted from the last byte taken; whoever takes some is slow, not frozen."""
    door, counts = Shown(), Counts()
    listener = Listener(door, counts, limit=None)
    for now_s, waiting in ((1000.0, 500), (1025.0, 400), (1050.0, 400)):
        door.waiting = waiting
        listener.watch(now_s, stall_s=30.0)
    assert (door.aborted, counts.high_water_bytes) == (False, 500)
    listener.watch(1056.0, stall_s=30.0)
    assert (door.aborted, listener.reason) == (True, "stalled")


def test_places_that_no_clock_of_now_has_cannot_be_followed() -> None:
    """Another lap, or another clock."""
    assert starts_of((BASE,), (BASE.at(5),)) == (BASE,)
    assert starts_of((BASE,), (replace(BASE, lap=1),)) is None
    assert starts_of((BASE,), (replace(BASE, clock="x"),)) is None


def served(
    folder: Path, send: Callable[[Message], Awaitable[None]], receive: Callable[[], Awaitable[Message]], pace: Pace
) -> Player:
    """A live stream answered to `send` and `receive`, without a server between."""

    async def run() -> Player:
        gate = Gate(total=9, per_key=9)
        player = Player(small_store(folder), encode=encode, heartbeat=HEARTBEAT, gate=gate, pace=pace)
        await player.start()
        await LiveStream(player, live(replace(PLAIN, interval_s=0.05)))({"type": "http", "headers": []}, receive, send)
        await player.drain()
        return player

    return asyncio.run(asyncio.wait_for(run(), 30))


FAST = Pace(interval_s=0.02, drain_s=0.1)


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_a_write_that_hangs_is_broken_off(tmp_path: Path) -> None:
    """And the seat is free again."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 4:
            await asyncio.Event().wait()

    player = served(tmp_path, send, never, replace(FAST, heartbeat_s=0.1, stall_s=0.1))
    assert player.figures().closed == {"stalled": 1}
    assert player.figures().subscribers["bms"] == 0


def test_a_client_that_leaves_frees_its_seat(tmp_path: Path) -> None:
    """At once, and nothing more is sent to it."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        while len(sent) < 4:
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    player = served(tmp_path, send, receive, FAST)
    assert player.figures().closed == {"client": 1}
    assert all(message.get("more_body", True) for message in sent)


def test_silence_is_broken_by_a_heartbeat(tmp_path: Path) -> None:
    """A comment, where no event comes."""
    sent: list[bytes] = []

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))

    async def receive() -> Message:
        while HEARTBEAT not in sent:
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    served(tmp_path, send, receive, Pace(interval_s=3600, heartbeat_s=0.05, drain_s=0.1))
    assert HEARTBEAT in sent
