"""Devices with live input in a player: they leave the replay, and every subscriber gets each reading once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bessline.live.audience import Manner
from bessline.live.gate import Gate
from bessline.live.ids import LiveId
from bessline.live.player import Player
from bessline.live.seat import Pace
from bessline.live.series import Wish
from bessline.managers import Managers
from bessline.store import Store, ingest
from bessline.store.batch import Batch
from bessline.store.inlet import Inlet
from unit_tests.batches import batch_of
from unit_tests.bessline.live.plants import Listens, encode, small_store, stamp_of
from unit_tests.plants import signal_job, source_of

SLOW = Pace(interval_s=3600, refresh_s=0.02, drain_s=0.05)
SOC = Wish("b1", "bms", ("soc",))


def play(managers: Managers, story: Callable[[Player], Awaitable[None]]) -> None:
    async def run() -> None:
        player = Player(managers, encode=encode, heartbeat=b"", gate=Gate(total=9, per_key=9), pace=SLOW)
        await player.start()
        await story(player)
        await player.drain()

    asyncio.run(asyncio.wait_for(run(), 30))


async def come(player: Player, inlet: Inlet, *batches: Batch) -> None:
    await player.arrived(inlet.write(batches))


def place(player: Player, wish: Wish = SOC) -> LiveId:
    return player.hub.channels[wish.device_id, wish.topic].base


def told(member: Listens, event: str | None = None) -> list[Any]:
    return [each["data"] for each in member.told if each["event"] == event]


def soc(*rows: tuple[float, float]) -> Batch:
    return batch_of("b1", "bms", [(t_s, {"soc": value}) for t_s, value in rows])


def test_a_device_with_input_leaves_the_replay(tmp_path: Path) -> None:
    """Who listens to it hears a reset, for its time is another one now, and then what came in."""
    managers = small_store(tmp_path, rows=20)
    inlet = Inlet(managers.store)

    async def story(player: Player) -> None:
        member = Listens()
        with player.seat(member, [SOC], Manner(0.05)):
            await come(player, inlet, soc((600, 50.0), (630, 51.0)))
        assert len(told(member, "reset")) == 1
        assert [each["soc"] for each in told(member)][-2:] == [50.0, 51.0]
        assert player.figures().clocks == 0
        newest = player.newest("b1", "bms")
        assert newest is not None
        assert (newest[0], place(player).clock[:2]) == (stamp_of(21), "in")

    play(managers, story)


def test_devices_never_seen_before_appear_at_once(tmp_path: Path) -> None:
    """Their first row is a reading; topics that come later join them."""
    managers = small_store(tmp_path, rows=5)
    inlet = Inlet(managers.store)

    async def story(player: Player) -> None:
        await come(player, inlet, batch_of("n1", "env", [(0, {"humidity": 40.0})]))
        assert player.newest("n1", "env") is not None
        assert player.figures().clocks == 1
        await come(player, inlet, batch_of("n1", "bms", [(0, {"soc": 1.0})]))
        newest = player.newest("n1", "bms")
        assert newest is not None
        assert newest[1]["soc"] == 1.0
        assert player.input_figures().devices == 1

    play(managers, story)


def test_the_others_go_on_where_they_were(tmp_path: Path) -> None:
    """A clock does not begin again because the device it is named after went over to live input."""
    small_store(tmp_path, rows=20)
    other = signal_job(tmp_path / "raw", "b2/bms.soc", [n * 30.0 for n in range(20)], [float(n) for n in range(20)])
    ingest([source_of(tmp_path / "raw", other)], tmp_path / "store", workers=0)
    managers = Managers(Store.open(tmp_path / "store"))
    inlet = Inlet(managers.store)

    async def story(player: Player) -> None:
        stage = next(iter(player.stages.by_clock.values()))
        stage.publish(stage.clock.look(stamp_of(1)))
        before = place(player, Wish("b2", "bms", ("soc",)))
        await come(player, inlet, soc((600, 50.0)))
        after = place(player, Wish("b2", "bms", ("soc",)))
        assert (after.t_ms, after.lap) == (before.t_ms, before.lap)
        assert after.clock != before.clock

    play(managers, story)


def test_after_a_restart_it_stands_where_the_store_ends(tmp_path: Path) -> None:
    """All that was durable counts as past: a client with an older id gets it from the store, once."""
    managers = small_store(tmp_path, rows=20)
    inlet = Inlet(managers.store)
    inlet.write([soc((600, 50.0), (630, 51.0))])
    inlet.close()

    async def story(player: Player) -> None:
        assert place(player).t_ms == stamp_of(21)
        assert player.figures().clocks == 0

    play(Managers(Store.open(tmp_path / "store")), story)


def test_what_an_ingest_brings_for_it_goes_out_too(tmp_path: Path) -> None:
    """An ingest beside the server: its newer rows are readings, its older ones are history."""
    managers = small_store(tmp_path, rows=20)
    inlet = Inlet(managers.store)

    async def story(player: Player) -> None:
        await come(player, inlet, soc((600, 50.0)))
        member = Listens()
        with player.seat(member, [SOC], Manner(0.05)):
            more = signal_job(tmp_path / "more", "b1/bms.soc", [630.0, 15.0], [7.0, 8.0])
            ingest([source_of(tmp_path / "more", more)], tmp_path / "store", workers=0)
            while not told(member):
                await asyncio.sleep(0.005)
        assert [each["soc"] for each in told(member)] == [7.0]

    play(managers, story)
