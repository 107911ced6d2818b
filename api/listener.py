"""A connection as a member of an audience: in step with it, behind it, or over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from starlette.types import Receive

from api.door import Door
from api.events import encode
from bessline.live.audience import Counts, ended
from bessline.live.frames import Batch, Frame
from bessline.live.ids import LiveId
from bessline.live.joint import joined
from bessline.live.seat import Seat

logger = logging.getLogger(__name__)


class Listener:
    """A connection as a member of an audience.

    `places` is where it stands while it is not in step. `reason` says why it is over.
    """

    __slots__ = (
        "_counts", "_door", "_over", "_recovery", "_since", "_waiting",
        "in_step", "last_ident", "left", "places", "reason", "seat", "sent",
    )  # fmt: skip

    def __init__(self, door: Door, counts: Counts, *, limit: int | None) -> None:
        self.in_step = False
        self.places: Sequence[LiveId] = ()
        self.seat: Seat | None = None
        self.reason: str | None = None
        self.left, self.sent, self.last_ident = limit, 0, ""
        self._door, self._counts = door, counts
        self._over = asyncio.Event()
        self._recovery: asyncio.Task[None] | None = None
        self._waiting, self._since = 0, 0.0

    def take(self, batch: Batch) -> bool:
        """Send what all get; who has not taken the last batches yet falls behind instead."""
        if self.left is None:
            given = self._door.give(batch)
        elif given := not self._door.paused:
            self.write_frames(batch.frames)
        if not given:
            self._fall_behind(batch.before)
        return given

    def watch(self, now_s: float, *, stall_s: float) -> None:
        """Break off where nothing was taken for `stall_s`."""
        waiting = self._door.waiting
        if not self._waiting or waiting < self._waiting:
            self._since = now_s
        self._waiting = waiting
        if waiting > self._counts.high_water_bytes:
            self._counts.high_water_bytes = waiting
        if waiting and now_s - self._since > stall_s:
            self.end("stalled")
            self._door.abort()

    def dismiss(self, event: str, data: Mapping[str, object], *, retry_ms: int) -> None:
        """Say farewell, with the id of what was really sent, and end."""
        if self.reason is None and self.seat is not None:
            ident = self.seat.audience.ident if self.in_step else self.last_ident
            self.write(encode(event, ident, data, retry_ms=retry_ms))
            self.end(event)

    def write(self, body: bytes) -> None:
        """Send bytes of its own."""
        self._door.push(body)

    def write_frames(self, frames: Sequence[Frame]) -> None:
        """Send events of its own; with the last reading allowed comes the `end`."""
        self.last_ident = frames[-1].ident or self.last_ident
        if self.left is None:
            self.write(b"".join(frame.body for frame in frames))
            return
        told: list[bytes] = []
        for frame in frames:
            told.append(frame.body)
            self.last_ident = frame.ident or self.last_ident
            self.sent += frame.reading
            if self.sent == self.left:
                told.append(self._end())
                break
        self.write(b"".join(told))
        if self.sent == self.left:
            self.end("end")

    def _end(self) -> bytes:
        data = {"reason": "max_events", "events": self.sent}
        if self.seat is not None and not self.seat.audience.manner.named:
            data = {"device_id": self.seat.audience.wishes[0].device_id} | data
        return encode("end", ended(self.last_ident), data)

    def end(self, reason: str) -> None:
        """It is over; the first reason counts."""
        self.in_step = False
        if self.reason is None:
            self.reason = reason
            self._counts.close(reason)
            self._over.set()
            self._door.nudge()

    async def until_over(self, receive: Receive) -> None:
        """Wait for the end, or for the other end to leave."""
        try:
            await self._door.ended(receive, self._over)
        finally:
            self.end("client")
            if self._recovery is not None:
                self._recovery.cancel()

    async def walk(self, *, squash: bool = False) -> None:
        """Catch up from `places` with the audience, and be in step with it.

        Between the look at where the audience stands and being in step nothing is awaited.
        """
        assert self.seat is not None
        while self.reason is None:
            audience = self.seat.audience
            if tuple(self.places) == audience.places:
                self.in_step = True
                return
            begun = starts_of(self.places, audience.places)
            if begun is None:
                self.begin_again()
                return
            await self._walk_through(begun, squash=squash)

    async def _walk_through(self, begun: Sequence[LiveId], *, squash: bool) -> None:
        assert self.seat is not None
        target = self.seat.audience.places
        for walk in self.seat.catch_ups(begun, squash=squash):
            while not walk.over and self.reason is None:
                rows = await asyncio.to_thread(walk.read)
                for batch in walk.batches(rows):
                    if not await self._door.drained() or self.reason is not None:
                        return
                    self.write_frames(batch.frames)
                    self._counts.sent += len(batch.frames)
        self.places = target

    def begin_again(self) -> None:
        """Time is another one: say so, show what is, and go on with the audience."""
        assert self.seat is not None
        audience = self.seat.audience
        places = audience.places
        pieces = [audience.begins_again(section, section.place) for section in audience.sections.values()]
        placed = [(place, audience.wishes[0], piece) for place, piece in zip(places, pieces, strict=True)]
        self.write(audience.batch(placed, before=places).body + self.snapshot())
        self.places, self.in_step = places, True

    def snapshot(self) -> bytes:
        """What is now."""
        assert self.seat is not None
        return encode("snapshot", self.seat.audience.ident, self.seat.snapshot())

    def _fall_behind(self, before: Sequence[LiveId]) -> None:
        self.in_step, self.places, self.last_ident = False, before, str(joined(before))
        self._counts.behind += 1
        self._recovery = asyncio.ensure_future(self._recover())

    async def _recover(self) -> None:
        """Once what it was sent is taken: the newest of all that came meanwhile, from the store."""
        try:
            if await self._door.drained():
                await self.walk(squash=True)
        except Exception:
            logger.exception("a slow subscriber could not be caught up with; it may come back with its id")
            self.end("failed")


def starts_of(places: Sequence[LiveId], now: Sequence[LiveId]) -> tuple[LiveId, ...] | None:
    """`places` where the stream, which stands at `now`, can be told to go on from them."""
    by_clock = {place.clock: place for place in places}
    found = tuple(by_clock[place.clock] for place in now if place.clock in by_clock)
    if len(found) != len(now) or not all(place.follows(start) for place, start in zip(now, found, strict=True)):
        return None
    return found
