"""The player: drives the clocks of a store in real time and lets subscribers in. The shell around the pure parts."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from bessline.errors import NotKnown
from bessline.live.clock import Metronome, Place, Plan, ReplayClock, Span, Tick, begin, plan
from bessline.live.feed import Dated, Feed, T
from bessline.live.frames import Encode, Frame
from bessline.live.gate import Gate
from bessline.live.hub import Channel, Hub
from bessline.live.place import FILE, Places
from bessline.live.seat import Pace, Seat
from bessline.live.stage import Stage
from bessline.managers import Managers

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a player did since its start. `subscribers` is by topic, `closed` by reason; `lag_s` of the last tick."""

    subscribers: dict[str, int]
    closed: dict[str, int]
    replays: int
    published: int
    encoded: int
    sent: int
    merged: int
    dropped: int
    refused: int
    high_water_bytes: int
    clocks: int
    lag_s: float


class Player:
    """Streams the history in `managers` as if it happened now. Made inside a running event loop.

    Parameters
    ----------
    encode: makes bytes of an event (the engine knows no wire format); `heartbeat` are those of a comment.
    gate: how many connections there may be.
    """

    def __init__(
        self, managers: Managers, *, encode: Encode, heartbeat: bytes, gate: Gate, pace: Pace | None = None
    ) -> None:
        self.managers, self.gate, self.pace = managers, gate, pace or Pace()
        self.hub = Hub(encode)
        self.draining = asyncio.Event()
        self.lag_s = 0.0
        self._heartbeat = Frame(heartbeat, 0, reading=False)
        self._stages: dict[str, Stage] = {}
        self._beats: dict[str, Metronome] = {}
        self._clocks: list[asyncio.Task[None]] = []
        self._chores: list[asyncio.Task[None]] = []
        self._saving: asyncio.Task[None] | None = None
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="bessline-live")
        self._places = Places(None, store_id="")
        self._seen: tuple[str, int] | None = None
        self._building = asyncio.Lock()

    async def start(self) -> None:
        """Bring every clock to its place and let it run."""
        await self.rebuild()
        self._chores = [asyncio.create_task(self._sweep()), asyncio.create_task(self._watch_store())]

    async def drain(self) -> None:
        """Say `bye` to all, keep the exact places, and wait a moment for the subscribers to go."""
        if self.draining.is_set():
            return
        self.draining.set()
        await _cancel([*self._chores, *self._clocks])
        for stage in self._stages.values():
            stage.close()
            for channel in stage.channels:
                self._bid_farewell(channel, stage.clock.now_ms)
            self._places.reserve(stage.clock.plan.name, stage.clock.place)
        try:
            await self._run(self._places.save)
            until = time.monotonic() + self.pace.drain_s
            while self.gate.inside and time.monotonic() < until:
                await asyncio.sleep(0.01)
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def rebuild(self) -> None:
        """Take in what an ingest brought: new devices, new readings. Clocks that exist go on where they are."""
        async with self._building:
            store = self.managers.store
            seen = (store.id, store.manifest.generation)
            feeds = self._feeds()
            await _cancel(self._clocks)
            standing = {name: stage.clock.place for name, stage in self._stages.items() if stage.store_id == store.id}
            if not standing:
                file = store.path / FILE if store.writable else None
                self._places = await self._run(lambda: Places.load(file, store_id=store.id))
            stages = [self._stage(each, feeds, standing.get(each.name)) for each in plan(_spans(feeds))]
            await asyncio.gather(*(stage.open() for stage in stages))
            for stage in self._stages.values():
                stage.close()
            self._stages = {stage.clock.plan.name: stage for stage in stages}
            self._seen = seen
            self._clocks = [asyncio.create_task(self._play(stage)) for stage in stages]

    @contextmanager
    def seat(
        self, device_id: str, topic: str, *, fields: tuple[str, ...], interval_s: float, wake: Callable[[], None]
    ) -> Iterator[Seat]:
        """Subscribe to one topic of one device, for as long as the `with` lasts.

        Parameters
        ----------
        fields: names of the topic's fields, in their order.
        interval_s: how often a reading is wanted, seconds.
        wake: called when something came into the mailbox; must not block.

        Raises
        ------
        NotKnown
            this topic of this device is not played.
        """
        stage, feed, channel = self._find(device_id, topic)
        k = channel.merges(interval_s)
        rate, mailbox = channel.join(fields, k, wake=wake, now_s=time.monotonic())
        try:
            yield Seat(rate, mailbox, stage.base, feed.newest, rate.render, feed.period_ms, feed.tolerance_ms)
        finally:
            channel.leave(rate, mailbox)

    def retry_ms(self) -> int:
        """When a client that hears `bye` may come back: at random, so that not all come at once."""
        return random.randint(*self.pace.bye_retry_ms)

    def newest(self, device_id: str, topic: str) -> Dated | None:
        """Stamp (ms) and row of the last reading at or before now, from memory."""
        return self._find(device_id, topic)[1].newest

    def figures(self) -> Figures:
        """Counts for the metrics."""
        counts, listeners = self.hub.counts, self.hub.listeners()
        return Figures(
            subscribers=listeners,
            closed=dict(counts.closed),
            replays=self.gate.inside - sum(listeners.values()),
            published=counts.published,
            encoded=counts.encoded,
            sent=counts.sent,
            merged=counts.merged,
            dropped=counts.dropped,
            refused=self.gate.refused,
            high_water_bytes=counts.high_water_bytes,
            clocks=len(self._stages),
            lag_s=self.lag_s,
        )

    def _find(self, device_id: str, topic: str) -> tuple[Stage, Feed, Channel]:
        for stage in self._stages.values():
            if (device_id, topic) in stage.parts:
                return stage, *stage.parts[device_id, topic]
        known = [device for stage in self._stages.values() for device, other in stage.parts if other == topic]
        raise NotKnown(f"{topic} device", device_id, known=known)

    def _feeds(self) -> list[Feed]:
        pairs = ((manager, device) for manager in self.managers.values() for device in manager.devices())
        return [Feed(manager, device, run=self._run) for manager, device in pairs]

    def _stage(self, planned: Plan, feeds: Iterable[Feed], standing: Place | None) -> Stage:
        saved = self._places.saved(planned.name)
        place = standing or begin(planned, saved=saved, start_ms=self.pace.start_ms)
        self._beats.setdefault(planned.name, Metronome(self.pace.interval_s, start_s=time.monotonic()))
        return Stage(
            ReplayClock(planned, place),
            [feed for feed in feeds if feed.device_id in planned.devices],
            hub=self.hub,
            store_id=self.managers.store.id,
            interval_s=self.pace.interval_s,
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

    async def _tick(self, stage: Stage) -> None:
        tick = await stage.look()
        if tick is None:
            return
        await self._cover(stage, tick)
        stage.publish(tick, await stage.rewind() if tick.reset else ())

    async def _cover(self, stage: Stage, tick: Tick) -> None:
        """Nothing is sent that lies beyond the place reserved on disk."""
        planned = stage.clock.plan
        ahead_ms = math.ceil(self.pace.ahead_s / self.pace.interval_s) * planned.step_ms
        half_ms, full_ms = (max(tick.now_ms, min(planned.end_ms, tick.now_ms + ms)) for ms in (ahead_ms // 2, ahead_ms))
        if not self._places.covers(planned.name, tick.place):
            self._places.reserve(planned.name, Place(tick.lap, full_ms))
            await self._run(self._places.save)
        elif not self._places.covers(planned.name, Place(tick.lap, half_ms)) and self._is_saved():
            self._places.reserve(planned.name, Place(tick.lap, full_ms))
            self._saving = asyncio.ensure_future(self._save())

    def _is_saved(self) -> bool:
        return self._saving is None or self._saving.done()

    async def _save(self) -> None:
        await self._run(self._places.save)

    def _bid_farewell(self, channel: Channel, now_ms: int) -> None:
        channel.flush()
        for mailbox in list(channel.mailboxes):
            bye = mailbox.render.named("bye", now_ms, {"reason": "shutdown"}, retry_ms=self.retry_ms())
            mailbox.insist(bye)
            mailbox.close("bye")

    async def _sweep(self) -> None:
        pace = self.pace
        while True:
            await asyncio.sleep(min(1.0, pace.heartbeat_s / 4))
            now_s = time.monotonic()
            self.hub.sweep(now_s, heartbeat=self._heartbeat, after_s=pace.heartbeat_s, stall_s=pace.stall_s)

    async def _watch_store(self) -> None:
        while True:
            await asyncio.sleep(self.pace.refresh_s)
            try:
                if await self._run(self._has_news):
                    await self.rebuild()
            except Exception:
                logger.exception("news of the store cannot be taken in; next try in %g s", self.pace.refresh_s)

    def _has_news(self) -> bool:
        store = self.managers.store
        store.refresh()
        return (store.id, store.manifest.generation) != self._seen

    def _run(self, work: Callable[[], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, work)


def _spans(feeds: Iterable[Feed]) -> list[Span]:
    spans: dict[str, Span] = {}
    for feed in feeds:
        own = Span(feed.device_id, feed.start_ms, feed.end_ms, max(1, round(feed.period_ms)))
        spans[feed.device_id] = own | spans.get(feed.device_id, own)
    return list(spans.values())


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
