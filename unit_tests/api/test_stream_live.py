"""The response of a live stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from api.events import HEARTBEAT, encode
from api.stream_live import WRITE_BYTES, Budget, LiveStream, packets
from bessline.live.frames import Frame
from bessline.live.gate import Gate
from bessline.live.player import Player
from bessline.live.seat import Pace
from unit_tests.api.test_stream_query import PLAIN
from unit_tests.bessline.live.plants import small_store


def frames(kinds: str) -> list[Frame]:
    """``r`` a reading, ``g`` a gap."""
    return [Frame(b"", t_ms, reading=kind == "r") for t_ms, kind in enumerate(kinds)]


def test_the_budget_counts_readings_only() -> None:
    """Gaps are not counted, and nothing comes after the last reading."""
    budget = Budget(2, place_ms=-1)
    assert [frame.t_ms for frame in budget.cut(frames("rg"))] == [0, 1]
    assert [frame.t_ms for frame in budget.cut(frames("gr"))] == [0, 1]
    assert (budget.is_spent, list(budget.cut(frames("g")))) == (True, [])


def test_the_place_is_that_of_the_last_reading_sent() -> None:
    """Of those that were cut off nothing is said."""
    budget = Budget(1, place_ms=-1)
    list(budget.cut(frames("grrr")))
    assert (budget.place_ms, budget.sent) == (1, 1)


def test_without_a_limit_all_pass() -> None:
    """For ever."""
    budget = Budget(None, place_ms=-1)
    assert len(list(budget.cut(frames("r" * 50)))) == 50
    assert not budget.is_spent


@given(st.lists(st.integers(0, WRITE_BYTES), max_size=30))
def test_frames_are_joined_to_bounded_writes(sizes: list[int]) -> None:
    """In order, whole, and only a frame that is larger by itself makes a larger write."""
    bodies = [bytes([n]) * size for n, size in enumerate(sizes)]
    writes = list(packets(Frame(body, 0, reading=True) for body in bodies))
    assert b"".join(writes) == b"".join(bodies)
    assert all(len(write) <= WRITE_BYTES for write in writes)


def served(
    folder: Path, send: Callable[[Message], Awaitable[None]], receive: Callable[[], Awaitable[Message]], pace: Pace
) -> Player:
    """A live stream answered to `send` and `receive`, without a server between."""

    async def run() -> Player:
        gate = Gate(total=9, per_key=9)
        player = Player(small_store(folder), encode=encode, heartbeat=HEARTBEAT, gate=gate, pace=pace)
        await player.start()
        await LiveStream(player, replace(PLAIN, interval_s=0.05))({"type": "http"}, receive, send)
        await player.drain()
        return player

    return asyncio.run(asyncio.wait_for(run(), 30))


FAST = Pace(interval_s=0.02, drain_s=0.1)


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_who_takes_nothing_is_closed(tmp_path: Path) -> None:
    """A write that hangs is broken off, and the seat is free again."""
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
