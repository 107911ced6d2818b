"""The player: drives the clocks of a store in real time and lets subscribers in. The shell around the pure parts."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from bessline.errors import BesslineError, NotKnown
from bessline.live.announcer import Announcer
from bessline.live.audience import Audience, Manner, Member
from bessline.live.feed import Dated, Feed, Known, T
from bessline.live.findings import FindingLog, Line
from bessline.live.frames import Batch, Encode, Frame
from bessline.live.gate import Gate
from bessline.live.hub import Hub
from bessline.live.inputs import InputFigures, Inputs
from bessline.live.rounds import Rounds
from bessline.live.seat import Pace, Seat
from bessline.live.series import Wish
from bessline.live.stages import Stages
from bessline.managers import Managers
from bessline.store.inlet import Taken
from bessline.store.state import State

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a player did since its start.

    `subscribers` is by topic, `closed` by reason. `lag_s` of the last tick, `lags_s` of many before it. `behind`: how
    often a subscriber was too slow and had its readings merged.
    """

    subscribers: dict[str, int]
    closed: dict[str, int]
    replays: int
    published: int
    encoded: int
    sent: int
    merged: int
    dropped: int
    behind: int
    sent_bytes: int
    refused: int
    high_water_bytes: int
    clocks: int
    lag_s: float
    lags_s: tuple[float, ...] = ()


class Player:
    """Streams the history in `managers` as if it happened now. Made inside a running event loop.

    Parameters
    ----------
    encode: makes bytes of an event (the engine knows no wire format); `heartbeat` are those of a comment.
    gate: how many connections there may be.
    findings: what the analytics found; `learn` is called when there is more.
    """

    def __init__(
        self,
        managers: Managers,
        *,
        encode: Encode,
        heartbeat: bytes,
        gate: Gate,
        pace: Pace | None = None,
        findings: FindingLog | None = None,
    ) -> None:
        self.managers, self.gate, self.pace = managers, gate, pace or Pace()
        self.rounds = Rounds(later=asyncio.get_running_loop().call_soon, monotonic=time.monotonic)
        self.hub = Hub(encode, carry=self.rounds.carry, counts=self.rounds.counts)
        self.draining = asyncio.Event()
        self._trouble: str | None = None
        self._heartbeat = Frame(heartbeat, "", reading=False)
        self._chores: list[asyncio.Task[None]] = []
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="bessline-live")
        self._seen: tuple[str, int] | None = None
        self._building = asyncio.Lock()
        self.announcer = Announcer(findings, run=self._run)
        self.stages = Stages(self.hub, announcer=self.announcer, pace=self.pace, run=self._run)
        self._inputs = Inputs(managers, self.hub, run=self._run, monotonic=time.monotonic)

    async def start(self) -> None:
        """Bring every clock to its place and let it run."""
        await self.announcer.start()
        await self.rebuild()
        self._chores = [asyncio.create_task(self._sweep()), asyncio.create_task(self._watch_store())]

    async def drain(self) -> None:
        """Say `bye` to all, keep the exact places, and wait a moment for the subscribers to go."""
        if self.draining.is_set():
            return
        self.draining.set()
        await _cancel(self._chores)
        await self.stages.halt()
        self.stages.close()
        self._bid_farewell()
        try:
            await self.stages.save()
            until = time.monotonic() + self.pace.drain_s
            while self.gate.inside and time.monotonic() < until:
                await asyncio.sleep(0.01)
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def rebuild(self) -> None:
        """Take in what an ingest brought: new devices, new readings. Clocks that exist go on where they are."""
        async with self._building:
            await self._rebuild()
            await self._inputs.catch_up()

    async def arrived(self, taken: Sequence[Taken]) -> None:
        """Rows came in and are durable: stream what is new. A device that had none before leaves its clock."""
        async with self._building:
            if self._inputs.lacks(taken):
                before = {each.batch.device_id: each.before for each in reversed(taken)}
                if all(self._inputs.knows(each.batch.device_id) for each in taken):
                    await self._inputs.renew(before)
                else:
                    await self._rebuild(before)
            await self._inputs.publish(taken)
            await self._announce_inputs({each.batch.device_id for each in taken})

    async def learn(self) -> None:
        """The analytics found something: tell it now, or when a clock gets there."""
        await self.announcer.learn()
        await self._announce_inputs()

    async def _announce_inputs(self, names: Iterable[str] | None = None) -> None:
        """Live input has no ticks: what there is to tell goes out when its readings have."""
        if self.announcer.log is None:
            return
        devices = self._inputs.devices
        for device in [devices[name] for name in names or list(devices) if name in devices]:
            await self.announcer.open(Line(device.clock, 0), (device.device_id,), now_ms=device.now_ms, ticks=False)
            self.announcer.moved(device.clock, device.now_ms)
            if found := self.announcer.take_late(device.clock):
                self.hub.tell(device.clock, found)
                self.hub.turn_all(device.clock, device.now_ms)

    async def _rebuild(self, before: Mapping[str, State] | None = None) -> None:
        store = self.managers.store
        seen = (store.id, store.manifest.generation)
        feeds = self._feeds()
        await self.stages.halt()
        self.hub.flush()
        await self.stages.put_up(feeds, store=store)
        await self._inputs.renew(before)
        await self._announce_inputs()
        self.announcer.close([*self.stages.by_clock, *(device.clock for device in self._inputs.devices.values())])
        self.hub.regroup()
        self._seen = seen
        self.stages.go()

    @contextmanager
    def seat(self, member: Member, wishes: Sequence[Wish], manner: Manner) -> Iterator[Seat]:
        """Subscribe `member` to `wishes`, for as long as the `with` lasts. It is in step when it says so.

        Raises
        ------
        NotKnown
            this topic of this device is not played.
        """
        for wish in wishes:
            self._find(wish.device_id, wish.topic)
        audience = self.hub.join(member, wishes, manner)
        try:
            yield Seat(audience, feed_of=self._feed_of, managers=self.managers, announcer=self.announcer)
        finally:
            self.hub.leave(member, audience)

    def _feed_of(self, wish: Wish) -> Known:
        return self._find(wish.device_id, wish.topic)

    def retry_ms(self) -> int:
        """When a client that hears `bye` may come back: at random, so that not all come at once."""
        return random.randint(*self.pace.bye_retry_ms)

    def newest(self, device_id: str, topic: str) -> Dated | None:
        """Stamp (ms) and row of the last reading at or before now, from memory."""
        return self._find(device_id, topic).newest

    def now_ms(self, device_id: str) -> int | None:
        """The data time of what is streamed of a device, None for one that is not."""
        if (device := self._inputs.devices.get(device_id)) is not None:
            return device.now_ms
        clocks = (stage.clock for stage in self.stages.by_clock.values())
        return next((clock.now_ms for clock in clocks if device_id in clock.plan.devices), None)

    def troubles(self) -> list[str]:
        """What cannot be read now, in words: the store, or single topics of it."""
        feeds = (feed for stage in self.stages.by_clock.values() for feed in stage.feeds if feed.broken)
        topics = [f"{feed.topic} of {feed.device_id} cannot be read" for feed in feeds]
        return topics if self._trouble is None else [self._trouble, *topics]

    def input_figures(self) -> InputFigures:
        """How the devices with live input are."""
        return self._inputs.figures()

    def figures(self) -> Figures:
        """Counts for the metrics."""
        counts, listeners = self.hub.counts, self.hub.listeners()
        return Figures(
            subscribers=listeners,
            closed=dict(counts.closed),
            replays=max(0, self.gate.inside - self.hub.members),
            published=counts.published,
            encoded=counts.encoded,
            sent=counts.sent,
            merged=counts.merged,
            dropped=counts.dropped,
            behind=counts.behind,
            sent_bytes=counts.bytes,
            refused=self.gate.refused,
            high_water_bytes=counts.high_water_bytes,
            clocks=len(self.stages.by_clock),
            lag_s=self.stages.lag_s,
            lags_s=tuple(self.stages.lags_s),
        )

    def _find(self, device_id: str, topic: str) -> Known:
        if found := self._inputs.find(device_id, topic):
            return found[0]
        for stage in self.stages.by_clock.values():
            if (device_id, topic) in stage.parts:
                return stage.parts[device_id, topic][0]
        known = [device for stage in self.stages.by_clock.values() for device, other in stage.parts if other == topic]
        raise NotKnown(f"{topic} device", device_id, known=known)

    def _feeds(self) -> list[Feed]:
        pairs = ((manager, device) for manager in self.managers.values() for device in manager.devices())
        return [Feed(manager, device, run=self._run) for manager, device in pairs if not self._inputs.is_live(device)]

    def _bid_farewell(self) -> None:
        self.hub.flush()
        self.rounds.finish()
        for audience in list(self.hub.audiences.values()):
            for member in list(audience.members):
                member.dismiss("bye", {"reason": "shutdown"}, retry_ms=self.retry_ms())

    async def _sweep(self) -> None:
        pace = self.pace
        while True:
            await asyncio.sleep(min(1.0, pace.heartbeat_s / 4))
            now_s = time.monotonic()
            self._inputs.watch()
            for audience in list(self.hub.audiences.values()):
                self._keep_alive(audience, now_s)
                for member in list(audience.members):
                    member.watch(now_s, stall_s=pace.stall_s)

    def _keep_alive(self, audience: Audience, now_s: float) -> None:
        """A sign of life for who heard nothing; whose other end is gone is found out by it."""
        if not audience.sent_at:
            audience.sent_at = now_s
        elif now_s - audience.sent_at >= self.pace.heartbeat_s:
            self.rounds.carry(Batch([self._heartbeat], before=audience.places), audience)

    async def _watch_store(self) -> None:
        while True:
            await asyncio.sleep(self.pace.refresh_s)
            try:
                if await self._run(self._has_news):
                    await self.rebuild()
                self._tell_trouble(None)
            except BesslineError as error:
                self._tell_trouble(str(error))
            except Exception:
                logger.exception("news of the store cannot be taken in; next try in %g s", self.pace.refresh_s)

    def _tell_trouble(self, trouble: str | None) -> None:
        if trouble == self._trouble:
            return
        self._trouble = trouble
        logger.warning("the store cannot be read: %s", trouble) if trouble else logger.info("the store is back")

    def _has_news(self) -> bool:
        store = self.managers.store
        store.refresh()
        return (store.id, store.manifest.generation) != self._seen

    def _run(self, work: Callable[[], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, work)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
