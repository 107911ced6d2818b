"""The response of a live stream: shared bytes from a mailbox straight to the connection.

Not sse-starlette's response, which costs twice as much CPU and four times the memory a connection (a task group of
four tasks, a lock, and a generator), pings whether or not there was an event, and sends `Connection: keep-alive`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.events import HEADERS, encode, opening, turning_away
from api.stream_query import Wanted
from bessline.errors import NotKnown
from bessline.live.frames import Frame
from bessline.live.player import Player
from bessline.live.resume import CATCH_UP_ROWS, Missing, missing, told
from bessline.live.seat import Seat

#: What is sent in one write, at most, so that a slow connection holds little.
WRITE_BYTES = 32 * 1024
#: Rows of one read of a catch-up.
BLOCK_ROWS = 200


class Budget:
    """How many readings a connection may still get (`max_events`), and the place of the last one sent."""

    def __init__(self, limit: int | None, *, place_ms: int) -> None:
        self.limit, self.place_ms, self.sent = limit, place_ms, 0

    @property
    def is_spent(self) -> bool:
        return self.limit is not None and self.sent >= self.limit

    def cut(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames up to the last reading allowed."""
        for frame in frames:
            if self.is_spent:
                return
            if frame.reading:
                self.sent, self.place_ms = self.sent + 1, frame.t_ms
            yield frame


def packets(frames: Iterable[Frame]) -> Iterator[bytes]:
    """Frames joined to writes."""
    held: list[bytes] = []
    size = 0
    for frame in frames:
        if held and size + len(frame.body) > WRITE_BYTES:
            yield b"".join(held)
            held, size = [], 0
        held.append(frame.body)
        size += len(frame.body)
    if held:
        yield b"".join(held)


class LiveStream(Response):
    """Streams one topic of one device as `wanted`."""

    def __init__(self, player: Player, wanted: Wanted) -> None:
        super().__init__(status_code=200, headers=HEADERS)
        del self.headers["content-length"]
        self._player, self._wanted, self._wake = player, wanted, asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        asked = self._wanted
        try:
            with self._player.seat(
                asked.device_id,
                asked.topic,
                fields=asked.fields,
                interval_s=asked.interval_s,
                wake=self._wake.set,
            ) as seat:
                await self._serve(seat, receive, send)
                left = seat.mailbox.closed == "client"
        except NotKnown:
            # an ingest has just brought it and the player does not play it yet: the client comes back in a moment
            await send({"type": "http.response.body", "body": turning_away(), "more_body": True})
            left = False
        if not left:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _serve(self, seat: Seat, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        seat.mailbox.stop = task.cancel
        watch = asyncio.create_task(_watch(receive, seat))
        try:
            async for packet in self._packets(seat):
                seat.mailbox.sending_since = time.monotonic()
                await send({"type": "http.response.body", "body": packet, "more_body": True})
                seat.mailbox.served_at, seat.mailbox.sending_since = time.monotonic(), None
        except asyncio.CancelledError:
            if seat.mailbox.closed != "stalled":
                raise
            task.uncancel()
        finally:
            watch.cancel()

    async def _packets(self, seat: Seat) -> AsyncIterator[bytes]:
        budget = Budget(self._wanted.max_events, place_ms=seat.position.t_ms)
        async for packet in self._beginning(seat, budget):
            yield packet
        while not budget.is_spent:
            self._wake.clear()
            closed = seat.mailbox.closed
            for packet in packets(budget.cut(seat.take())):
                yield packet
            if closed is not None:
                return
            if not budget.is_spent:
                await self._wake.wait()
        seat.mailbox.close("end")
        ident = seat.mailbox.render.base.at(budget.place_ms, ended=True)
        data = {"device_id": self._wanted.device_id, "reason": "max_events", "events": budget.sent}
        yield encode("end", str(ident), data)

    async def _beginning(self, seat: Seat, budget: Budget) -> AsyncIterator[bytes]:
        """What comes before the first live event: a snapshot, or the answer to the id that the client brought."""
        yield opening()
        if not self._wanted.came_back:
            yield self._snapshot(seat)
            return
        span = missing(self._wanted.last, seat.position)
        if span is None:
            yield encode("resume", str(seat.position), told("reset"))
            yield seat.render.reset(seat.position.t_ms).body + self._snapshot(seat)
            return
        start_ms, end_ms = span.half_open
        manager = self._player.managers[self._wanted.topic]
        missed = await asyncio.to_thread(manager.count, self._wanted.device_id, start_ms=start_ms, end_ms=end_ms)
        if missed > CATCH_UP_ROWS:
            link = self._wanted.history_of(start_ms, end_ms)
            yield encode("resume", str(seat.position), told("gap", missed=missed, span=span, history=link))
            return
        yield encode("resume", str(seat.position.at(span.after_ms)), told("exact", missed=missed, span=span))
        async for packet in self._caught_up(seat, span, budget):
            yield packet

    async def _caught_up(self, seat: Seat, span: Missing, budget: Budget) -> AsyncIterator[bytes]:
        manager, device_id = self._player.managers[self._wanted.topic], self._wanted.device_id
        catch_up = seat.catch_up(span)
        start_ms, end_ms = span.half_open
        while not budget.is_spent:
            page = await asyncio.to_thread(
                manager.page, device_id, start_ms=start_ms, end_ms=end_ms, limit=BLOCK_ROWS, fields=self._wanted.fields
            )
            if not len(page):
                break
            start_ms = int(page.t_ms[-1]) + 1
            rows = zip(page.t_ms.tolist(), page.rows(), strict=True)
            for packet in packets(budget.cut(catch_up.take(rows))):
                yield packet
        for packet in packets(budget.cut(catch_up.finish())):
            yield packet

    def _snapshot(self, seat: Seat) -> bytes:
        reading = None if seat.newest is None else seat.render.pick(seat.newest[1])
        topics = {self._wanted.topic: reading}
        data = {self._wanted.device_id: {"topics": topics, "analytics": {}}}
        return encode("snapshot", str(seat.position), data)


async def _watch(receive: Receive, seat: Seat) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    seat.mailbox.close("client")
