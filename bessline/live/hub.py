"""The hub: readings in, one encoding a rate class, the same bytes into every mailbox. No clock, no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bessline.live.frames import Encode, Frame, Renderer
from bessline.live.ids import LiveId
from bessline.live.mailbox import Counts, Mailbox
from bessline.live.merge import Merge, Row

Due = Sequence[tuple[int, Row]]


class RateClass:
    """Subscribers of one channel that want the same fields at the same rate.

    `k` readings become one; with k = 1 every reading passes. Merges end at fixed places of data time, every
    `every` ticks, so that all classes with the same `every` have their turn at the same tick.
    """

    def __init__(self, render: Renderer, *, k: int, every: int, counts: Counts) -> None:
        self.render, self.k, self.every, self.counts = render, k, every, counts
        self.mailboxes: set[Mailbox] = set()
        self.merge = Merge(render.fields)

    def publish(self, due: Due) -> None:
        """Readings that are due now."""
        for t_ms, row in due:
            if self.k == 1:
                self._pass(t_ms, row)
                continue
            self.merge.add(t_ms, row)
            for mailbox in self.mailboxes:
                if mailbox.apart is not None:
                    mailbox.apart.add(t_ms, row)

    def _pass(self, t_ms: int, row: Row) -> None:
        frame = self.render.reading(t_ms, row)
        self.counts.encoded += 1
        for mailbox in self.mailboxes:
            mailbox.offer(frame, t_ms, row)

    def flush(self) -> None:
        """Send what is merged so far."""
        if not self.merge.count:
            return
        frame = self.render.merged(self.merge)
        self.counts.encoded += 1
        self.counts.merged += (self.merge.count - 1) * len(self.mailboxes)
        for mailbox in self.mailboxes:
            mailbox.offer_merged(frame, self.merge)
        self.merge = Merge(self.render.fields)

    def is_turn(self, slot: int) -> bool:
        """Whether tick number `slot` of data time ends a merge."""
        return (slot + 1) % self.every == 0


class Channel:
    """One topic of one device: who listens, and the ids of what is sent.

    `base` names store, clock and lap. `ticks` is how many ticks of the clock one reading of this topic takes,
    `pace_s` how many seconds.
    """

    def __init__(self, device_id: str, topic: str, *, base: LiveId, encode: Encode, counts: Counts) -> None:
        self.device_id, self.topic, self.base = device_id, topic, base
        self.ticks, self.pace_s = 1.0, 1.0
        self._encode, self._counts = encode, counts
        self._classes: dict[tuple[tuple[str, ...], int], RateClass] = {}

    def __len__(self) -> int:
        return sum(len(rate.mailboxes) for rate in self._classes.values())

    @property
    def mailboxes(self) -> Iterable[Mailbox]:
        """Everybody who listens."""
        return (mailbox for rate in self._classes.values() for mailbox in rate.mailboxes)

    def renderer(self, fields: tuple[str, ...] = ()) -> Renderer:
        """What makes the frames of this channel in the present lap."""
        return Renderer(self.device_id, self.topic, fields, self._encode, self.base)

    def merges(self, interval_s: float) -> int:
        """The contract's k: how many readings become one for somebody who wants one each `interval_s`."""
        return max(1, round(interval_s / self.pace_s))

    def join(
        self, fields: tuple[str, ...], k: int, *, wake: Callable[[], None], now_s: float
    ) -> tuple[RateClass, Mailbox]:
        """Register: from here on nothing that is published is missed."""
        rate = self._classes.get((fields, k))
        if rate is None:
            every = max(1, round(k * self.ticks))
            rate = RateClass(self.renderer(fields), k=k, every=every, counts=self._counts)
            self._classes[fields, k] = rate
        mailbox = Mailbox(rate.render, wake=wake, counts=self._counts, now_s=now_s)
        if rate.merge.count:
            mailbox.apart = Merge(fields)
        rate.mailboxes.add(mailbox)
        return rate, mailbox

    def leave(self, rate: RateClass, mailbox: Mailbox) -> None:
        """Let go of a mailbox; a class without listeners costs nothing."""
        rate.mailboxes.discard(mailbox)
        if not rate.mailboxes:
            self._classes.pop((rate.render.fields, rate.k), None)

    def publish(self, due: Due) -> None:
        """Readings that are due now, in order."""
        self._counts.published += len(due)
        for rate in self._classes.values():
            rate.publish(due)

    def turn(self, slot: int) -> None:
        """The end of tick number `slot` of data time: whose merges are full is sent."""
        for rate in self._classes.values():
            if rate.is_turn(slot):
                rate.flush()

    def flush(self) -> None:
        """Send all that is merged so far, out of turn."""
        for rate in self._classes.values():
            rate.flush()

    def insist(self, frame: Frame) -> None:
        """An event for everybody, after all readings before it."""
        self.flush()
        for mailbox in self.mailboxes:
            mailbox.insist(frame)

    def rebase(self, base: LiveId) -> None:
        """Go on with the ids of another lap or clock. What is merged so far is sent with the old ones."""
        self.flush()
        for rate in self._classes.values():
            for mailbox in rate.mailboxes:
                mailbox.settle()
            rate.render = self._renewed(rate, base)
        self.base = base

    def _renewed(self, rate: RateClass, base: LiveId) -> Renderer:
        render = Renderer(self.device_id, self.topic, rate.render.fields, self._encode, base)
        for mailbox in rate.mailboxes:
            mailbox.render = render
        return render


class Hub:
    """All channels of a server."""

    def __init__(self, encode: Encode) -> None:
        self.encode, self.counts = encode, Counts()
        self.channels: dict[tuple[str, str], Channel] = {}

    def channel(self, device_id: str, topic: str, *, base: LiveId) -> Channel:
        """The channel of a topic, made where there is none yet, going on with the ids of `base`."""
        channel = self.channels.get((device_id, topic))
        if channel is None:
            channel = Channel(device_id, topic, base=base, encode=self.encode, counts=self.counts)
            self.channels[device_id, topic] = channel
        return channel

    def listeners(self) -> dict[str, int]:
        """How many listen, by topic."""
        found: dict[str, int] = {}
        for channel in self.channels.values():
            found[channel.topic] = found.get(channel.topic, 0) + len(channel)
        return found

    def sweep(self, now_s: float, *, heartbeat: Frame, after_s: float, stall_s: float) -> None:
        """Heartbeats for those who got nothing for `after_s`; the end for those who take nothing for `stall_s`."""
        for channel in self.channels.values():
            for mailbox in channel.mailboxes:
                if mailbox.sending_since is not None:
                    if now_s - mailbox.sending_since > stall_s:
                        mailbox.close("stalled")
                        if mailbox.stop is not None:
                            mailbox.stop()
                elif now_s - mailbox.served_at >= after_s:
                    mailbox.served_at = now_s
                    mailbox.put(heartbeat)
