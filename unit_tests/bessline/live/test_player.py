"""The player: real time, a real store."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bessline.errors import NotKnown, StoreMissing
from bessline.live.audience import Manner
from bessline.live.player import Player
from bessline.live.series import Wish
from bessline.store import ingest
from unit_tests.bessline.live.plants import Listens, small_store, stamp_of
from unit_tests.bessline.live.playing import FAST, listen, play
from unit_tests.plants import signal_job, source_of


def test_a_reading_is_there_before_the_first_tick(tmp_path: Path) -> None:
    """Every topic shows something from the first moment."""

    async def story(player: Player) -> None:
        for topic in ("bms", "pcs", "bess"):
            newest = player.newest("b1", topic)
            assert newest is not None
            assert newest[0] == stamp_of(0)

    play(small_store(tmp_path), story, pace=replace(FAST, interval_s=3600))


def test_after_the_seat_every_reading_comes_once(tmp_path: Path) -> None:
    """What the seat stands at, then all that follows."""

    async def story(player: Player) -> None:
        seat, told = await listen(player, 20)
        assert seat.newest is not None
        first = round(float(str(seat.newest["soc"])))
        assert [event["data"]["soc"] for event in told[:20]] == [float(first + n) for n in range(1, 21)]

    play(small_store(tmp_path), story)


def test_a_slower_subscriber_gets_merged_readings(tmp_path: Path) -> None:
    """Five ticks to one reading, of a topic with a row every second tick two or three."""

    async def story(player: Player) -> None:
        told = (await listen(player, 3, interval_s=0.05))[1]
        assert [event["data"]["merged"] for event in told[1:3]] == [5, 5]
        told = (await listen(player, 3, topic="pcs", interval_s=0.04))[1]
        assert [event["data"]["merged"] for event in told[1:3]] == [2, 2]

    play(small_store(tmp_path), story)


def test_an_unknown_topic_has_no_seat(tmp_path: Path) -> None:
    """And it leaves nothing behind."""

    async def story(player: Player) -> None:
        with pytest.raises(NotKnown), player.seat(Listens(), [Wish("b2", "bms", ())], Manner(1.0)):
            pass
        assert player.figures().subscribers == {"bms": 0, "pcs": 0, "bess": 0}

    play(small_store(tmp_path), story)


def test_an_ingest_is_taken_in_while_it_plays(tmp_path: Path) -> None:
    """A new device gets its clock or joins one, and those who listen hear on."""
    managers = small_store(tmp_path)
    job = signal_job(tmp_path / "more", "b2/bms.soc", [n * 30.0 for n in range(50)], [float(n) for n in range(50)])

    async def story(player: Player) -> None:
        heard = asyncio.create_task(listen(player, 150))
        await asyncio.sleep(0)
        await asyncio.to_thread(ingest, [source_of(tmp_path / "more", job)], managers.store.path, workers=0)
        while (
            player.figures().subscribers.keys()
            and ("b2", "bms") not in next(iter(player.stages.by_clock.values())).parts
        ):
            await asyncio.sleep(0.01)
        socs = [event["data"]["soc"] for event in (await heard)[1]]
        assert socs == [socs[0] + n for n in range(len(socs))]

    play(managers, story)


def test_all_hear_bye_and_may_come_back_at_different_times(tmp_path: Path) -> None:
    """A drain ends every connection."""

    async def story(player: Player) -> None:
        one, other = Listens(), Listens()
        with (
            player.seat(one, [Wish("b1", "bms", ("soc",))], Manner(0.05)),
            player.seat(other, [Wish("b1", "pcs", ("active_power",))], Manner(1.0)),
        ):
            await player.drain()
            byes = [member.farewells[-1] for member in (one, other)]
        assert [event for event, _ in byes] == ["bye", "bye"]
        assert all(500 <= retry_ms <= 5000 for _, retry_ms in byes)
        assert len({player.retry_ms() for _ in range(100)}) > 1

    play(small_store(tmp_path), story)


def test_a_drain_waits_only_so_long_for_those_inside(tmp_path: Path) -> None:
    """Somebody who never leaves does not hold the server."""

    async def story(player: Player) -> None:
        player.gate.enter(None)
        began = time.monotonic()
        await player.drain()
        await player.drain()
        assert 0.2 <= time.monotonic() - began < 2

    play(small_store(tmp_path), story)


def test_silence_is_broken_by_a_heartbeat(tmp_path: Path) -> None:
    """Which is no event, and whoever takes nothing is looked after."""

    async def story(player: Player) -> None:
        member = Listens()
        with player.seat(member, [Wish("b1", "bms", ("soc",))], Manner(1.0)):
            while not member.batches:
                await asyncio.sleep(0.005)
        assert (member.told, member.batches[0].frames[0].ident) == ([], "")
        assert player.figures().sent == 0

    play(small_store(tmp_path), story, pace=replace(FAST, interval_s=3600, heartbeat_s=0.05))


def test_a_store_that_goes_away_is_trouble_until_it_is_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Said once in the log, not at every look; what is in memory plays on."""
    managers = small_store(tmp_path)
    path = managers.store.path
    away = path.with_name("away")

    async def story(player: Player) -> None:
        path.rename(away)
        while not player.troubles():
            await asyncio.sleep(0.002)
        assert "is not a store" in player.troubles()[0]
        looks = [player._has_news] * 3
        for look in looks:
            with pytest.raises(StoreMissing):
                look()
        away.rename(path)
        while player.troubles():
            await asyncio.sleep(0.002)

    play(managers, story)
    assert caplog.text.count("the store cannot be read") == 1
