"""A stage: clock, feeds and channels together."""

from __future__ import annotations

import asyncio
from typing import Any

from bessline.live.clock import Place, ReplayClock, Span, plan
from bessline.live.feed import Feed
from bessline.live.stage import Stage
from bessline.managers import DataManager
from unit_tests.bessline.live.plants import Listens, hub_of, join, manager_of, runs


class Play:
    """A stage of one device, and somebody who listens to each topic."""

    def __init__(self, *managers: DataManager, step_ms: int = 10) -> None:
        feeds = [Feed(manager, "b1", run=runs) for manager in managers]
        start, end = min(feed.start_ms for feed in feeds), max(feed.end_ms for feed in feeds)
        self.clock = ReplayClock(plan([Span("b1", start, end, step_ms)])[0], Place(0, start))
        self.hub = hub_of()
        self.stage = Stage(self.clock, feeds, hub=self.hub, store_id="s", interval_s=1.0)
        self.members: dict[str, Listens] = {}

    async def open(self) -> Play:
        await self.stage.open()
        for channel in self.stage.channels:
            self.members[channel.topic] = join(self.hub, channel.topic)
        return self

    async def ticks(self, n: int) -> None:
        for _ in range(n):
            tick = await self.stage.look()
            assert tick is not None
            self.stage.publish(tick, await self.stage.rewind() if tick.reset else ())

    def heard(self, topic: str = "bms") -> list[Any]:
        """Soc of readings, names of other events."""
        member = self.members[topic]
        events = member.told
        member.batches.clear()
        return [event["event"] or event["data"]["soc"] for event in events]


def test_one_row_a_tick() -> None:
    """From the reading after the one that stands there at the start."""

    async def story() -> None:
        play = await Play(manager_of(range(0, 100, 10))).open()
        await play.ticks(3)
        assert play.heard() == [10.0, 20.0, 30.0]

    asyncio.run(story())


def test_a_coarser_topic_gives_its_rows_when_due() -> None:
    """The finest grid sets the pace, and each channel knows its own."""

    async def story() -> None:
        play = await Play(
            manager_of(range(0, 100, 10)), manager_of(range(0, 100, 30), topic="pcs", period_s=0.03)
        ).open()
        await play.ticks(6)
        assert (len(play.heard("bms")), play.heard("pcs")) == (6, [30.0, 60.0])
        assert [(channel.ticks, channel.pace_s) for channel in play.stage.channels] == [(1.0, 1.0), (3.0, 3.0)]

    asyncio.run(story())


def test_a_common_hole_is_a_gap_and_then_the_next_row() -> None:
    """Months without data cost two ticks."""

    async def story() -> None:
        play = await Play(manager_of([0, 10, 10_000, 10_010])).open()
        await play.ticks(4)
        assert play.heard() == [10.0, "gap", 10_000.0, 10_010.0]

    asyncio.run(story())


def test_a_silent_topic_is_told_once_while_others_go_on() -> None:
    """A gap of one topic does not cross anything."""

    async def story() -> None:
        silent = manager_of([0, 10, 100, 110], topic="pcs")
        play = await Play(manager_of(range(0, 120, 10)), silent).open()
        await play.ticks(11)
        assert play.heard("pcs") == [10.0, "gap", 100.0, 110.0]
        assert "gap" not in play.heard("bms")

    asyncio.run(story())


def test_after_the_end_comes_a_reset_and_the_first_row() -> None:
    """Time goes backwards only after a reset, and a newest reading is there at every moment."""

    async def story() -> None:
        play = await Play(manager_of([0, 10, 20])).open()
        await play.ticks(4)
        assert play.heard() == [10.0, 20.0, "reset", 0.0, 10.0]
        assert play.stage.feeds[0].newest == (10, {"timestamp": "1970-01-01T00:00:00.010Z", "soc": 10.0})
        assert (play.stage.base.lap, play.stage.channels[0].base.lap) == (1, 1)

    asyncio.run(story())


def test_while_nothing_can_be_read_the_clock_holds() -> None:
    """A broken disk is not the end of history."""

    async def story() -> None:
        play = await Play(manager_of([0, 10, 20])).open()
        await play.ticks(2)
        feed = play.stage.feeds[0]
        feed._failed_at, feed._over = feed._monotonic(), False
        assert await play.stage.look() is None

    asyncio.run(story())


def test_a_rebuilt_stage_goes_on_with_the_channels_of_the_hub() -> None:
    """Subscribers of before an ingest hear what comes after it."""

    async def story() -> None:
        play = await Play(manager_of([0, 10])).open()
        await play.ticks(1)
        feeds = [Feed(manager_of([0, 10, 20, 30]), "b1", run=runs)]
        clock = ReplayClock(plan([Span("b1", 0, 30, 10)])[0], play.clock.place)
        play.stage = Stage(clock, feeds, hub=play.hub, store_id="s", interval_s=1.0)
        await play.stage.open()
        await play.ticks(2)
        assert play.heard() == [10.0, 20.0, 30.0]

    asyncio.run(story())
