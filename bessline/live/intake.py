"""Live input of one device: rows that came in go out at once, in the channels of its topics. No clock drives it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bessline.live.feed import Dated
from bessline.live.hub import Channel, Hub
from bessline.live.ids import LiveId
from bessline.managers import DataManager
from bessline.store.archive import newest_ms

#: Rows read, and published, at once.
BLOCK_ROWS = 256


class InputFeed:
    """What came in of one topic. `newest` is the last reading that went out: (stamp in ms, row).

    Parameters
    ----------
    newest: the last reading that counts as sent, None where there is none.
    now_s: monotonic seconds.

    `place_ms`: readings up to it went out. `told_silent`: a gap was announced, and no input came since.
    """

    def __init__(self, manager: DataManager, device_id: str, *, newest: Dated | None, now_s: float) -> None:
        self.device_id, self.topic, self._manager = device_id, manager.topic, manager
        self.newest, self.arrived_s, self.told_silent = newest, now_s, False
        self.place_ms = manager.timeline(device_id).start_ms - 1 if newest is None else newest[0]

    @property
    def period_ms(self) -> float:
        """The period of the topic; of a new one it is found out as its rows come."""
        return self._manager.timeline(self.device_id).period_s * 1000

    @property
    def tolerance_ms(self) -> float:
        """A source silent for longer has a gap."""
        return 3 * self.period_ms

    def read(self) -> list[Dated]:
        """The next readings that may go out: none newer than what was observed. Reads the store."""
        device = self._manager.store.devices[self.device_id]
        observed_ms = newest_ms(device, self.topic)
        if observed_ms is None or observed_ms <= self.place_ms:
            return []
        page = self._manager.page(self.device_id, start_ms=self.place_ms + 1, end_ms=observed_ms + 1, limit=BLOCK_ROWS)
        return list(zip(page.t_ms.tolist(), page.rows(), strict=True))

    def is_silent(self, now_s: float) -> bool:
        """Whether its input is overdue."""
        return now_s - self.arrived_s > self.tolerance_ms / 1000

    def age_s(self, now_s: float) -> float:
        """Seconds since something came in."""
        return max(0.0, now_s - self.arrived_s)


def last_before(manager: DataManager, device_id: str, observed_ms: int | None) -> Dated | None:
    """The last reading at or before `observed_ms`. Reads the store."""
    if observed_ms is None:
        return None
    found = manager.newest(device_id, at_ms=observed_ms)
    return (int(found.t_ms[0]), found.rows()[0]) if len(found) else None


class DeviceInput:
    """The topics of one device with live input: its own clock, whose time is that of its readings."""

    def __init__(self, device_id: str, feeds: Sequence[InputFeed], *, hub: Hub, store_id: str) -> None:
        self.device_id, self.store_id = device_id, store_id
        self.clock = "in" + hashlib.blake2b(device_id.encode(), digest_size=4).hexdigest()
        self._hub = hub
        self.parts: dict[tuple[str, str], tuple[InputFeed, Channel]] = {}
        for feed in feeds:
            self.add(feed)

    def add(self, feed: InputFeed) -> None:
        """Let a topic in."""
        base = LiveId(self.store_id, self.clock, 0, feed.place_ms)
        channel = self._hub.channel(feed.device_id, feed.topic, base=base)
        channel.base, channel.own_time = base, True
        self.parts[feed.device_id, feed.topic] = (feed, channel)
        self._set_pace(feed, channel)

    @staticmethod
    def _set_pace(feed: InputFeed, channel: Channel) -> None:
        channel.ticks, channel.step_ms = 1.0, max(1, round(feed.period_ms))
        channel.pace_s = channel.step_ms / 1000

    @property
    def now_ms(self) -> int:
        """The data time of the newest reading that went out."""
        return max(feed.place_ms for feed, _ in self.parts.values())

    def publish(self, topic: str, due: Sequence[Dated]) -> None:
        """Readings that came in, in order. All at once: nobody who joins sees half of them."""
        feed, channel = self.parts[self.device_id, topic]
        feed.newest, feed.place_ms = due[-1], due[-1][0]
        channel.base = channel.base.at(feed.place_ms)
        self._set_pace(feed, channel)
        channel.publish(due)
        self._turn(channel, feed.place_ms)

    def heard(self, topic: str, now_s: float) -> None:
        """Something came in, if only late rows."""
        feed, _ = self.parts[self.device_id, topic]
        feed.arrived_s, feed.told_silent = now_s, False

    def watch(self, now_s: float) -> None:
        """Tell of silence, once."""
        for feed, channel in self.parts.values():
            if feed.newest is not None and not feed.told_silent and feed.is_silent(now_s):
                feed.told_silent = True
                channel.gap(feed.place_ms, from_ms=feed.place_ms, to_ms=None)
                self._turn(channel, feed.place_ms)

    def is_stale(self, now_s: float) -> bool:
        """Whether all its topics are silent."""
        return all(feed.is_silent(now_s) for feed, _ in self.parts.values())

    def age_s(self, now_s: float) -> float:
        """Seconds since the last input."""
        return min(feed.age_s(now_s) for feed, _ in self.parts.values())

    def _turn(self, channel: Channel, now_ms: int) -> None:
        for audience, _ in list(channel.listeners):
            section = audience.sections[self.clock]
            # what goes out together ends where a stretch of data time ends, though no row may stand there
            before, after = ((t_ms // section.step_ms + 1) // section.every for t_ms in (section.reached_ms, now_ms))
            force = section.urgent or after > before or section.every == 1
            self._hub.turn_for(audience, self.clock, now_ms, force=force)
