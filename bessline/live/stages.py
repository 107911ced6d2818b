"""The stages of a player: every replay clock, in step with the time of day, its place kept on disk."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Iterable, Sequence

from bessline.live.announcer import Announcer
from bessline.live.clock import Metronome, Place, Plan, ReplayClock, Span, Tick, begin, plan
from bessline.live.feed import Feed, Run
from bessline.live.findings import Line
from bessline.live.hub import Hub
from bessline.live.place import FILE, Places
from bessline.live.seat import Pace
from bessline.live.stage import Stage
from bessline.store import Store
from bessline.times import rfc3339

#: Ticks whose lag is remembered: ten minutes at one a second.
LAGS = 600
logger = logging.getLogger(__name__)


class Stages:
    """Lets the clocks of a store run.

    Parameters
    ----------
    announcer: knows what the analytics found.
    run: runs blocking work in a thread.

    `lag_s` of the last tick, `lags_s` of many before it.
    """

    def __init__(self, hub: Hub, *, announcer: Announcer, pace: Pace, run: Run) -> None:
        self.by_clock: dict[str, Stage] = {}
        self.lag_s = 0.0
        self.lags_s: deque[float] = deque(maxlen=LAGS)
        self._hub, self._announcer, self._pace, self._run = hub, announcer, pace, run
        self._beats: dict[str, Metronome] = {}
        self._running: list[asyncio.Task[None]] = []
        self._saving: asyncio.Task[None] | None = None
        self._places = Places(None, store_id="")

    async def put_up(self, feeds: Sequence[Feed], *, store: Store) -> None:
        """Stages for `feeds` in place of those there are. Clocks that exist go on where they are, once `go` is called.

        Call `halt` before, and let the hub send what waits.
        """
        standing = {name: stage.clock.place for name, stage in self.by_clock.items() if stage.store_id == store.id}
        heirs = {device: place for name, place in standing.items() for device in self.by_clock[name].clock.plan.devices}
        if not standing:
            file = store.path / FILE if store.writable else None
            self._places = await self._run(lambda: Places.load(file, store_id=store.id))
        # a clock whose earliest device went over to live input has another name, and goes on where it was
        stages = [
            self._stage(each, feeds, standing.get(each.name) or heirs.get(each.devices[0]), store_id=store.id)
            for each in plan(_spans(feeds))
        ]
        await asyncio.gather(*(stage.open() for stage in stages))
        for stage in self.by_clock.values():
            stage.close()
        self.by_clock = {stage.clock.plan.name: stage for stage in stages}
        for clock in (stage.clock for stage in stages):
            await self._announcer.open(Line(clock.plan.name, clock.lap), clock.plan.devices, now_ms=clock.now_ms)

    def go(self) -> None:
        """Let every clock run."""
        self._running = [asyncio.create_task(self._play(stage)) for stage in self.by_clock.values()]

    async def halt(self) -> None:
        """Stop every clock where it is."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def close(self) -> None:
        """Read no more, and ask for the exact places to be kept."""
        for stage in self.by_clock.values():
            stage.close()
            self._places.reserve(stage.clock.plan.name, stage.clock.place)

    async def save(self) -> None:
        """Force the places to disk."""
        await self._run(self._places.save)

    def _stage(self, planned: Plan, feeds: Iterable[Feed], standing: Place | None, *, store_id: str) -> Stage:
        start_ms = self._pace.start_ms
        if start_ms is not None and standing is None and not planned.start_ms <= start_ms <= planned.end_ms:
            logger.warning(
                "the live clock of %s does not begin at %s: its history goes from %s to %s",
                *(", ".join(planned.devices), rfc3339(start_ms), rfc3339(planned.start_ms), rfc3339(planned.end_ms)),
            )
        place = standing or begin(planned, saved=self._places.saved(planned.name), start_ms=start_ms)
        self._beats.setdefault(planned.name, Metronome(self._pace.interval_s, start_s=time.monotonic()))
        return Stage(
            ReplayClock(planned, place),
            [feed for feed in feeds if feed.device_id in planned.devices],
            hub=self._hub,
            store_id=store_id,
            interval_s=self._pace.interval_s,
        )

    async def _play(self, stage: Stage) -> None:
        beat = self._beats[stage.clock.plan.name]
        while True:
            await asyncio.sleep(beat.wait_s(time.monotonic()))
            beat.strike()
            try:
                await self._tick(stage)
            except Exception:
                logger.exception("a tick of the live clock failed; it goes on")
            self.lag_s = beat.late_s(time.monotonic())
            self.lags_s.append(self.lag_s)

    async def _tick(self, stage: Stage) -> None:
        tick = await stage.look()
        if tick is None:
            return
        await self._cover(stage.clock.plan, tick)
        rewound = await stage.rewind() if tick.reset else ()
        line, step_ms = Line(stage.clock.plan.name, tick.lap), stage.clock.plan.step_ms
        begins_ms = tick.prev_ms if tick.reset else None
        found = await self._announcer.due(line, tick.now_ms, step_ms=step_ms, begins_ms=begins_ms)
        stage.publish(tick, rewound, found)

    async def _cover(self, planned: Plan, tick: Tick) -> None:
        """Nothing is sent that lies beyond the place reserved on disk."""
        ahead_ms = math.ceil(self._pace.ahead_s / self._pace.interval_s) * planned.step_ms
        half_ms, full_ms = (max(tick.now_ms, min(planned.end_ms, tick.now_ms + ms)) for ms in (ahead_ms // 2, ahead_ms))
        if not self._places.covers(planned.name, tick.place):
            self._places.reserve(planned.name, Place(tick.lap, full_ms))
            await self.save()
        elif not self._places.covers(planned.name, Place(tick.lap, half_ms)) and self._is_saved():
            self._places.reserve(planned.name, Place(tick.lap, full_ms))
            self._saving = asyncio.create_task(self.save())

    def _is_saved(self) -> bool:
        return self._saving is None or self._saving.done()


def _spans(feeds: Iterable[Feed]) -> list[Span]:
    spans: dict[str, Span] = {}
    for feed in feeds:
        own = Span(feed.device_id, feed.start_ms, feed.end_ms, max(1, round(feed.period_ms)))
        spans[feed.device_id] = own | spans.get(feed.device_id, own)
    return list(spans.values())
