"""A player in a test: real time, a real store, and somebody who listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from bessline.live.audience import Manner
from bessline.live.gate import Gate
from bessline.live.ids import LiveId
from bessline.live.player import Player
from bessline.live.seat import Pace, Seat
from bessline.live.series import Wish
from bessline.managers import Managers
from unit_tests.bessline.live.plants import Listens, encode

FAST = Pace(interval_s=0.01, refresh_s=0.02, drain_s=0.2)


FIELDS = {"bms": "soc", "pcs": "active_power", "bess": "bms_soc"}


class Heard(NamedTuple):
    """Where the stream stood when somebody joined it."""

    position: LiveId
    newest: Mapping[str, object] | None
    seat: Seat


def play(
    managers: Managers, story: Callable[[Player], Awaitable[None]], *, pace: Pace = FAST, drain: bool = True
) -> Player:
    """Run `story` with a player of `managers`."""

    async def run() -> Player:
        player = Player(managers, encode=encode, heartbeat=b"", gate=Gate(total=9, per_key=9), pace=pace)
        await player.start()
        await story(player)
        if drain:
            await player.drain()
        return player

    return asyncio.run(asyncio.wait_for(run(), 30))


async def listen(player: Player, n: int, *, topic: str = "bms", interval_s: float = 0.01) -> tuple[Heard, list[Any]]:
    """Where somebody joined, and the first `n` events that came."""
    member = Listens()
    with player.seat(member, [Wish("b1", topic, (FIELDS[topic],))], Manner(interval_s)) as seat:
        newest = player.newest("b1", topic)
        heard = Heard(seat.audience.places[0], None if newest is None else newest[1], seat)
        while len(member.told) < n:
            await asyncio.sleep(0.002)
    return heard, member.told
