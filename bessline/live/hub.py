"""The hub: readings in; out come batches of bytes, one for each audience. No clock, no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bessline.live.audience import Audience, Counts, Manner, Member
from bessline.live.findings import Finding
from bessline.live.frames import Batch, Encode
from bessline.live.ids import LiveId
from bessline.live.series import Due, Wish

#: Hands a batch to the members of an audience.
Carry = Callable[[Batch, Audience], None]


class Channel:
    """One topic of one device: where it stands, and who listens.

    `base` names store, clock, lap and the data time told. `ticks` is how many ticks of the clock one reading of this
    topic takes, `pace_s` how many seconds; a tick is `step_ms` of data time.
    """

    def __init__(self, device_id: str, topic: str, *, base: LiveId, hub: Hub) -> None:
        self.device_id, self.topic, self.base = device_id, topic, base
        self.ticks, self.pace_s, self.step_ms = 1.0, 1.0, 1
        #: Of live input: its time is that of its own readings, whatever the other topics of its clock have.
        self.own_time = False
        self.listeners: dict[tuple[Audience, Wish], None] = {}
        self._hub = hub

    def __len__(self) -> int:
        return sum(len(audience.members) for audience, _ in self.listeners)

    def publish(self, due: Due) -> None:
        """Readings that are due now, in order."""
        self._hub.counts.published += len(due)
        for audience, wish in self.listeners:
            audience.add(wish, due)

    def gap(self, now_ms: int, *, from_ms: int, to_ms: int | None) -> None:
        """The source was silent since `from_ms`, until `to_ms` or still."""
        for audience, wish in self.listeners:
            audience.gap(wish, now_ms, from_ms=from_ms, to_ms=to_ms)


class Hub:
    """All channels and all audiences of a server.

    Parameters
    ----------
    carry: gets every batch with the audience it is for.
    """

    def __init__(self, encode: Encode, *, carry: Carry, counts: Counts | None = None) -> None:
        self.encode, self.counts = encode, counts or Counts()
        self.channels: dict[tuple[str, str], Channel] = {}
        self.audiences: dict[tuple[Manner, tuple[Wish, ...]], Audience] = {}
        self._carry = carry

    def channel(self, device_id: str, topic: str, *, base: LiveId) -> Channel:
        """The channel of a topic, made where there is none yet, going on with the ids of `base`."""
        channel = self.channels.get((device_id, topic))
        if channel is None:
            channel = self.channels[device_id, topic] = Channel(device_id, topic, base=base, hub=self)
        return channel

    def join(self, member: Member, wishes: Sequence[Wish], manner: Manner) -> Audience:
        """Register; from here on `Audience.places` is kept for who wants this. The member is not in step yet.

        Every wish must have its channel.
        """
        key = (manner, tuple(wishes))
        audience = self.audiences.get(key)
        if audience is None:
            parts = [self.channels[wish.device_id, wish.topic] for wish in wishes]
            audience = self.audiences[key] = Audience(wishes, manner, parts=parts, tools=self)
            for wish, channel in zip(audience.wishes, parts, strict=True):
                channel.listeners[audience, wish] = None
        audience.members[member] = None
        return audience

    def leave(self, member: Member, audience: Audience) -> None:
        """Let go of a member; an audience without members costs nothing."""
        audience.members.pop(member, None)
        if not audience.members and self.audiences.pop((audience.manner, audience.wishes), None) is not None:
            for wish in audience.wishes:
                self.channels[wish.device_id, wish.topic].listeners.pop((audience, wish), None)

    def tell(self, clock: str, found: Sequence[Finding]) -> None:
        """What the analytics found, in the order of its places; it goes out when `clock` turns."""
        for audience in self._on(clock):
            audience.tell(clock, found)
        for channel in self._of(clock):
            channel.base = replace(channel.base, told=found[-1].mark)

    def turn(self, clock: str, now_ms: int, *, force: bool = False) -> None:
        """The end of a tick of `clock` at data time `now_ms`: what is full is sent. `force`: all that waits."""
        for channel in self._of(clock):
            if not channel.own_time:
                channel.base = channel.base.at(now_ms)
        for audience in self._on(clock):
            if batch := audience.turn(clock, now_ms, force=force):
                self._carry(batch, audience)

    def turn_all(self, clock: str, now_ms: int) -> None:
        """Send all that waits on a clock that has no ticks."""
        for audience in self._on(clock):
            self.turn_for(audience, clock, now_ms, force=True)

    def turn_for(self, audience: Audience, clock: str, now_ms: int, *, force: bool) -> None:
        """The same for one audience alone."""
        if batch := audience.turn(clock, now_ms, force=force):
            self._carry(batch, audience)

    def reset(self, clock: str, base: LiveId) -> None:
        """`clock` begins again at `base`, in another lap. What waits is sent before, with the ids of the old one."""
        self._flush(clock)
        for channel in self._of(clock):
            channel.base = base
        for audience in self._on(clock):
            self._carry(audience.reset(clock, base), audience)

    def flush(self) -> None:
        """Send all that waits, out of turn."""
        for clock in {channel.base.clock for channel in self.channels.values()}:
            self._flush(clock)

    def regroup(self) -> None:
        """Channels got another clock or another pace: order all audiences anew. Call `flush` before the change.

        Who hears a device whose clock is another one now is told so by a `reset`, for its time may go backwards.
        """
        for audience in self.audiences.values():
            known = set(audience.sections)
            audience.regroup()
            for clock in audience.sections.keys() - known:
                self._carry(audience.reset(clock, audience.sections[clock].place), audience)

    def _flush(self, clock: str) -> None:
        now_ms = max((channel.base.t_ms for channel in self._of(clock)), default=None)
        if now_ms is not None:
            self.turn(clock, now_ms, force=True)

    def listeners(self) -> dict[str, int]:
        """How many listen, by topic."""
        found: dict[str, int] = {}
        for channel in self.channels.values():
            found[channel.topic] = found.get(channel.topic, 0) + len(channel)
        return found

    @property
    def members(self) -> int:
        """How many subscribers there are."""
        return sum(len(audience.members) for audience in self.audiences.values())

    def _of(self, clock: str) -> Iterable[Channel]:
        return (channel for channel in self.channels.values() if channel.base.clock == clock)

    def _on(self, clock: str) -> list[Audience]:
        return [audience for audience in self.audiences.values() if clock in audience.sections]
