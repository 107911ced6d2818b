"""The clocks of a player, in real time: where they stand, and that they go on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bessline.live.ident import parse
from bessline.live.ids import LiveId
from bessline.live.place import FILE
from bessline.live.player import Player
from bessline.live.stages import Stages
from unit_tests.bessline.live.plants import small_store, stamp_of
from unit_tests.bessline.live.playing import FAST, listen, play


def test_a_clean_end_keeps_the_exact_place(tmp_path: Path) -> None:
    """The next start goes on with the same reading, in the same lap."""
    managers, stood = small_store(tmp_path), list[LiveId]()

    async def story(player: Player) -> None:
        stood.append((await listen(player, 5))[0].position)
        await player.drain()
        stood.append(next(iter(player.stages.by_clock.values())).base)

    async def again(player: Player) -> None:
        assert next(iter(player.stages.by_clock.values())).base == stood[1]

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
        base = next(iter(player.stages.by_clock.values())).base
        assert (base.lap, base.t_ms) == (1, stamp_of(100))

    play(managers, nothing)
    play(managers, story, pace=replace(FAST, interval_s=3600, start_ms=stamp_of(100)))


def test_a_start_outside_of_the_history_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The clock goes on as if nobody had named one, and the log says why."""

    async def story(player: Player) -> None:
        assert next(iter(player.stages.by_clock.values())).base.lap == 0

    play(small_store(tmp_path), story, pace=replace(FAST, interval_s=3600, start_ms=stamp_of(-1)))
    assert (
        "the live clock of b1 does not begin at 2024-04-30T23:59:30.000Z: its history goes from 2024-05-01T"
        in caplog.text
    )


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


def test_a_broken_tick_does_not_stop_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the next tick comes."""
    failures = iter([OSError("once")])
    covered = Stages._cover

    async def cover(self: Stages, *args: Any) -> None:
        for failure in failures:
            raise failure
        await covered(self, *args)

    monkeypatch.setattr(Stages, "_cover", cover)

    async def story(player: Player) -> None:
        assert len((await listen(player, 3))[1]) >= 3

    play(small_store(tmp_path), story)
    assert "it goes on" in caplog.text


def test_a_read_only_store_is_played_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written."""
    managers = small_store(tmp_path)
    monkeypatch.setattr(type(managers.store), "writable", False)

    async def story(player: Player) -> None:
        await listen(player, 3)

    play(managers, story)
    assert not (managers.store.path / FILE).exists()
