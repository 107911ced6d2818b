"""The player: real time, a real store."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bessline.errors import NotKnown, StoreMissing
from bessline.live.audience import Manner
from bessline.live.gate import Gate
from bessline.live.ids import LiveId, parse
from bessline.live.place import FILE
from bessline.live.player import Player
from bessline.live.seat import Pace, Seat
from bessline.live.series import Wish
from bessline.managers import Managers
from bessline.store import ingest
from unit_tests.bessline.live.plants import Listens, encode, small_store, stamp_of
from unit_tests.plants import signal_job, source_of

FAST = Pace(interval_s=0.01, refresh_s=0.02, drain_s=0.2)


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


class Heard(NamedTuple):
    """Where the stream stood when somebody joined it."""

    position: LiveId
    newest: Mapping[str, object] | None
    seat: Seat


FIELDS = {"bms": "soc", "pcs": "active_power", "bess": "bms_soc"}


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


def test_a_clean_end_keeps_the_exact_place(tmp_path: Path) -> None:
    """The next start goes on with the same reading, in the same lap."""
    managers, stood = small_store(tmp_path), list[LiveId]()

    async def story(player: Player) -> None:
        stood.append((await listen(player, 5))[0].position)
        await player.drain()
        stood.append(next(iter(player._stages.values())).base)

    async def again(player: Player) -> None:
        assert next(iter(player._stages.values())).base == stood[1]

    play(managers, story)
    play(managers, again, pace=replace(FAST, interval_s=3600))
    assert stood[1].t_ms > stood[0].t_ms


def test_after_a_kill_the_clock_goes_on_at_or_after_all_it_sent(tmp_path: Path) -> None:
    """The place on disk is always ahead of the last event."""
    managers = small_store(tmp_path)

    async def story(player: Player) -> None:
        for _ in range(5):
            told = (await listen(player, 3))[1]
            last = parse(told[-1]["id"])
            (place,) = json.loads((managers.store.path / FILE).read_text())["clocks"].values()
            assert isinstance(last, LiveId)
            assert (place["lap"], place["t_ms"] >= last.t_ms) == (last.lap, True)

    play(managers, story, pace=replace(FAST, ahead_s=0.05), drain=False)


def test_an_explicit_start_beats_the_saved_place(tmp_path: Path) -> None:
    """It is a new lap, so that older ids are told apart."""
    managers = small_store(tmp_path)

    async def nothing(player: Player) -> None:
        await listen(player, 2)

    async def story(player: Player) -> None:
        base = next(iter(player._stages.values())).base
        assert (base.lap, base.t_ms) == (1, stamp_of(100))

    play(managers, nothing)
    play(managers, story, pace=replace(FAST, interval_s=3600, start_ms=stamp_of(100)))


def test_at_the_end_of_history_it_begins_again(tmp_path: Path) -> None:
    """Reset, then the first reading, on every topic; the lap is on disk before anybody hears of it."""
    managers = small_store(tmp_path, rows=20)

    async def story(player: Player) -> None:
        told = (await listen(player, 45))[1]
        at = next(n for n, event in enumerate(told) if event["event"] == "reset")
        assert told[at + 1]["data"]["soc"] == 0.0
        assert (told[at - 1]["id"].split(".")[3], told[at]["id"].split(".")[3]) == ("0", "1")
        assert [event["data"]["soc"] for event in told[at + 1 : at + 6]] == [0.0, 1.0, 2.0, 3.0, 4.0]

    play(managers, story)


def test_an_ingest_is_taken_in_while_it_plays(tmp_path: Path) -> None:
    """A new device gets its clock or joins one, and those who listen hear on."""
    managers = small_store(tmp_path)
    job = signal_job(tmp_path / "more", "b2/bms.soc", [n * 30.0 for n in range(50)], [float(n) for n in range(50)])

    async def story(player: Player) -> None:
        heard = asyncio.create_task(listen(player, 150))
        await asyncio.sleep(0)
        await asyncio.to_thread(ingest, [source_of(tmp_path / "more", job)], managers.store.path, workers=0)
        while player.figures().subscribers.keys() and ("b2", "bms") not in next(iter(player._stages.values())).parts:
            await asyncio.sleep(0.01)
        socs = [event["data"]["soc"] for event in (await heard)[1]]
        assert socs == [socs[0] + n for n in range(len(socs))]

    play(managers, story)


def test_a_broken_tick_does_not_stop_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the next tick comes."""
    failures = iter([OSError("once")])
    covered = Player._cover

    async def cover(self: Player, *args: Any) -> None:
        for failure in failures:
            raise failure
        await covered(self, *args)

    monkeypatch.setattr(Player, "_cover", cover)

    async def story(player: Player) -> None:
        assert len((await listen(player, 3))[1]) >= 3

    play(small_store(tmp_path), story)
    assert "it goes on" in caplog.text


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


def test_a_read_only_store_is_played_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written."""
    managers = small_store(tmp_path)
    monkeypatch.setattr(type(managers.store), "writable", False)

    async def story(player: Player) -> None:
        await listen(player, 3)

    play(managers, story)
    assert not (managers.store.path / FILE).exists()


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
