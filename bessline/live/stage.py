"""A stage: one clock, the feeds of its devices, and the channels their readings go to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bessline.live.clock import ReplayClock, Tick
from bessline.live.feed import Feed
from bessline.live.findings import Finding
from bessline.live.hub import Channel, Hub
from bessline.live.ids import LiveId


class Stage:
    """Publishes what `clock` says is due from `feeds` into the channels of `hub`.

    Parameters
    ----------
    store_id: for the ids.
    interval_s: seconds a tick, which sets the pace of each channel.
    """

    def __init__(
        self, clock: ReplayClock, feeds: Sequence[Feed], *, hub: Hub, store_id: str, interval_s: float
    ) -> None:
        self.clock, self.store_id = clock, store_id
        self._hub = hub
        self.parts = {(f.device_id, f.topic): (f, self._channel(hub, f, interval_s)) for f in feeds}

    def _channel(self, hub: Hub, feed: Feed, interval_s: float) -> Channel:
        channel = hub.channel(feed.device_id, feed.topic, base=self.base)
        channel.base, channel.step_ms = self.base, self.clock.plan.step_ms
        channel.ticks = feed.period_ms / self.clock.plan.step_ms
        channel.pace_s = interval_s * channel.ticks
        return channel

    @property
    def feeds(self) -> list[Feed]:
        """Where the readings come from."""
        return [feed for feed, _ in self.parts.values()]

    @property
    def channels(self) -> list[Channel]:
        """Where they go to."""
        return [channel for _, channel in self.parts.values()]

    @property
    def base(self) -> LiveId:
        """Where this stage stands."""
        return LiveId(self.store_id, self.clock.plan.name, self.clock.lap, self.clock.now_ms)

    async def open(self) -> None:
        """Bring every feed to where the clock stands."""
        await asyncio.gather(*(feed.open(self.clock.now_ms) for feed in self.feeds))

    async def look(self) -> Tick | None:
        """What the next tick brings; None while that cannot be known because a feed cannot be read."""
        await asyncio.gather(*(feed.ready() for feed in self.feeds))
        coming = [t_ms for feed in self.feeds if (t_ms := feed.peek()) is not None]
        if not coming and any(feed.broken for feed in self.feeds):
            return None
        return self.clock.look(min(coming, default=None))

    async def rewind(self) -> list[Feed]:
        """Feeds that stand before the start of the history. The present ones stay as they are until `publish`."""
        fresh = [feed.again() for feed in self.feeds]
        await asyncio.gather(*(feed.open(self.clock.plan.start_ms - 1) for feed in fresh))
        return fresh

    def publish(self, tick: Tick, rewound: Sequence[Feed] = (), found: Sequence[Finding] = ()) -> None:
        """Go to `tick` and publish what is due, and what the analytics `found`. All at once: nobody who joins sees half
        of it."""
        self.clock.go(tick)
        if tick.reset:
            self._begin_again(rewound)
        for feed, channel in self.parts.values():
            if due := feed.due(tick.now_ms):
                channel.publish(due)
            else:
                self._tell_silence(feed, channel, crossing=tick.crossing)
        if found:
            self._hub.tell(self.clock.plan.name, found)
        self._hub.turn(self.clock.plan.name, tick.now_ms, force=tick.crossing)

    def close(self) -> None:
        """Stop reading ahead."""
        for feed in self.feeds:
            feed.close()

    def _begin_again(self, rewound: Sequence[Feed]) -> None:
        self.close()
        self.parts = {key: (feed, self.parts[key][1]) for key, feed in zip(self.parts, rewound, strict=True)}
        self._hub.reset(self.clock.plan.name, self.base)

    def _tell_silence(self, feed: Feed, channel: Channel, *, crossing: bool) -> None:
        if feed.newest is None or feed.told_silent:
            return
        from_ms, to_ms = feed.newest[0], feed.peek() if crossing else None
        if (to_ms or self.clock.now_ms) - from_ms > feed.tolerance_ms:
            feed.told_silent = True
            channel.gap(self.clock.now_ms, from_ms=from_ms, to_ms=to_ms)
