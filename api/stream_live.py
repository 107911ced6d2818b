"""The response of a live stream: shared bytes straight to the connection.

Not sse-starlette's response, which costs three times the CPU and four times the memory a connection (a task group of
four tasks, a lock, and a generator), pings whether or not there was an event, and sends `Connection: keep-alive`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.afterwards import afterwards
from api.door import Door, door_of, packed
from api.events import HEADERS, encode, opening, turning_away
from api.preference import preferred
from api.stream_query import LiveWanted
from bessline.errors import BesslineError, NotKnown
from bessline.live.audience import Counts, ended
from bessline.live.frames import Batch, Frame
from bessline.live.ids import LiveId
from bessline.live.joint import joined
from bessline.live.player import Player
from bessline.live.resume import CATCH_UP_ROWS, Missing, starts, told
from bessline.live.seat import Seat
from bessline.live.series import Wish

logger = logging.getLogger(__name__)


class LiveStream(Response):
    """Streams to whom the gate lets in what is `wanted`; `key` is whom the connection counts for."""

    def __init__(self, player: Player, wanted: LiveWanted, *, key: str | None = None) -> None:
        super().__init__(status_code=200, headers=HEADERS)
        del self.headers["content-length"]
        self._player, self._wanted, self._key = player, wanted, key
        self._pack = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers["Vary"] = "Accept-Encoding"
        self._pack = takes_zstd(Headers(scope=scope))
        if self._pack:
            self.headers["Content-Encoding"] = "zstd"
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await afterwards(self._run, scope, receive, send)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        gate = self._player.gate
        if not gate.enter(self._key):
            await self._turn_away(send)
            return
        try:
            await self._serve(scope, receive, send)
        finally:
            gate.leave(self._key)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = self._wanted
        listener = Listener(door_of(send, scope, pack=self._pack), self._player.hub.counts, limit=wanted.max_events)
        try:
            with self._player.seat(listener, wanted.wishes, wanted.manner) as seat:
                await self._begin(listener, seat)
                await listener.until_over(receive)
        except NotKnown:
            # an ingest has just brought it and the player does not play it yet: the client comes back in a moment
            await self._turn_away(send)
            return
        if listener.reason not in ("client", "stalled"):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _turn_away(self, send: Send) -> None:
        body = turning_away()
        await send({"type": "http.response.body", "body": packed(body) if self._pack else body, "more_body": False})

    async def _begin(self, listener: Listener, seat: Seat) -> None:
        try:
            await Beginning(listener, seat, self._wanted).run()
        except BesslineError as error:
            # once a stream has begun no status can say it; the client comes back later with its id
            logger.warning("a stream cannot be resumed: %s", error)
            listener.dismiss("bye", {"reason": "unreadable"}, retry_ms=self._player.retry_ms())


def takes_zstd(headers: Headers) -> bool:
    """Whether a client names zstd among what it can undo. Nothing else will do: no other is let out event by event.

    >>> takes_zstd(Headers({"Accept-Encoding": "gzip, zstd"})), takes_zstd(Headers({"Accept-Encoding": "*"}))
    (True, False)
    """
    accepted = headers.get("accept-encoding", "")
    return "zstd" in accepted.lower() and preferred(accepted, ("zstd",)) is not None


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


class Beginning:
    """What comes before the first live event: a snapshot, or the answer to the id that the client brought."""

    def __init__(self, listener: Listener, seat: Seat, wanted: LiveWanted) -> None:
        self._listener, self._seat, self._wanted = listener, seat, wanted
        listener.seat = seat

    async def run(self) -> None:
        """Until the listener is in step."""
        listener, audience = self._listener, self._seat.audience
        listener.last_ident = audience.ident
        if not self._wanted.came_back:
            listener.places = audience.places
            listener.write(opening() + listener.snapshot())
            listener.in_step = True
            return
        begun = starts(self._wanted.last, audience.places)
        if begun is None:
            listener.write(opening() + encode("resume", audience.ident, told("reset")))
            listener.begin_again()
            return
        await self._resume(begun)

    async def _resume(self, begun: Sequence[LiveId]) -> None:
        listener, audience = self._listener, self._seat.audience
        places, ident, spans = audience.places, audience.ident, self._seat.missing(begun)
        missed = await asyncio.to_thread(self._seat.count, spans)
        span = Missing(min(span.after_ms for _, span in spans), max(span.upto_ms for _, span in spans))
        if missed > CATCH_UP_ROWS:
            links = self._links(spans)
            listener.write(opening() + encode("resume", ident, told("gap", missed=missed, span=span, history=links)))
            listener.places = places
        else:
            listener.last_ident = str(self._wanted.last)
            exact = encode("resume", listener.last_ident, told("exact", missed=missed, span=span))
            listener.write(opening() + exact)
            listener.places = begun
        await listener.walk()

    def _links(self, spans: Sequence[tuple[Wish, Missing]]) -> str | list[str]:
        links = [self._wanted.history_of(wish, span) for wish, span in spans if span.upto_ms > span.after_ms]
        return links if self._wanted.manner.named else links[0]
