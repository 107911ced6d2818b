"""The response of a live stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from starlette.types import Message

from api.events import HEARTBEAT, encode
from api.stream_live import LiveStream
from api.stream_query import live
from bessline.live.gate import Gate
from bessline.live.player import Player
from bessline.live.seat import Pace
from unit_tests.api.test_stream_query import PLAIN
from unit_tests.bessline.live.plants import small_store


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
