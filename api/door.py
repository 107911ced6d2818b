"""The door of a connection: the shortest way for shared bytes out of this process.

Behind uvicorn the ASGI `send` is a method of the request's cycle, and that holds the transport. Writing there what was
framed once for all costs half of what a `send` for each costs, and needs no task that waits. It is done only where the
cycle is one that we know, and with its own rules kept: nothing is written while its flow control is paused or after the
other end is gone, and the response is ended by its own `send`. Anywhere else (a test client, hypercorn, a middleware
that wraps `send`) the plain `send` does it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from typing import Any, Protocol

import pyarrow as pa
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http import h11_impl, httptools_impl

from bessline.live.frames import Batch, Form

_CYCLES = (httptools_impl.RequestResponseCycle, h11_impl.RequestResponseCycle)
#: More than this is not held for a connection before it counts as slow.
HIGH_WATER = 32 * 1024


def chunked(body: bytes) -> bytes:
    """`body` as a chunk of HTTP/1.1.

    >>> chunked(b"data: 1")
    b'7\\r\\ndata: 1\\r\\n'
    """
    return b"%x\r\n%b\r\n" % (len(body), body)


def packed(body: bytes) -> bytes:
    """`body` as a zstd frame of its own: whoever joins later needs nothing of what came before.

    >>> pa.decompress(packed(b"data: 1"), 7, codec="zstd", asbytes=True)
    b'data: 1'
    """
    found: bytes = pa.compress(body, codec="zstd", asbytes=True)
    return found


def packed_chunk(body: bytes) -> bytes:
    """Both."""
    return chunked(packed(body))


class Door(Protocol):
    """A way out for events, which it brings into the form that the wire wants."""

    @property
    def paused(self) -> bool:
        """Whether the other end has not taken what it has been sent, or is gone."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes that were pushed and are not taken yet."""
        ...

    def push(self, body: bytes) -> None:
        """Send, without waiting."""
        ...

    def give(self, batch: Batch) -> bool:
        """Send what all get, unless it is paused; whether it was sent."""
        ...

    async def drained(self) -> bool:
        """Wait until it is not paused any more; False where the other end is gone."""
        ...

    async def ended(self, receive: Receive, over: asyncio.Event) -> None:
        """Wait until the other end is gone, or `over` is set by `nudge`'s caller."""
        ...

    def nudge(self) -> None:
        """Let `ended` look whether it is over."""
        ...

    def abort(self) -> None:
        """Hang up, whatever waits."""
        ...


def door_of(send: Send, scope: Scope, *, pack: bool = False) -> Door:
    """The shortest way out behind `send`; `pack`: as zstd. The response must have been started."""
    cycle = getattr(send, "__self__", None)
    if isinstance(cycle, _CYCLES) and scope.get("http_version") == "1.1" and getattr(cycle, "chunked_encoding", True):
        return WireDoor(cycle, packed_chunk if pack else chunked)
    return PlainDoor(send, packed if pack else bytes)


class WireDoor:
    """Straight to uvicorn's transport."""

    __slots__ = ("_cycle", "_flow", "_form", "_write")

    def __init__(self, cycle: Any, form: Form) -> None:
        self._cycle, self._flow, self._write = cycle, cycle.flow, cycle.transport.write
        self._form = form
        cycle.transport.set_write_buffer_limits(high=HIGH_WATER)
        _reap_early(cycle.transport.get_extra_info("socket"))

    @property
    def paused(self) -> bool:
        return bool(self._flow.write_paused or self._cycle.disconnected)

    @property
    def waiting(self) -> int:
        return 0 if self._cycle.disconnected else int(self._cycle.transport.get_write_buffer_size())

    def push(self, body: bytes) -> None:
        if not self._cycle.disconnected:
            self._write(self._form(body))

    def give(self, batch: Batch) -> bool:
        # the one function that runs for each subscriber and event: no property, no call that can be spared
        if self._flow.write_paused or self._cycle.disconnected:
            return False
        self._write(batch.formed(self._form))
        return True

    async def drained(self) -> bool:
        if self._flow.write_paused:
            await self._flow.drain()
        return not self._cycle.disconnected

    async def ended(self, receive: Receive, over: asyncio.Event) -> None:
        while not over.is_set() and (await receive())["type"] != "http.disconnect":
            pass

    def nudge(self) -> None:
        # `receive` returns when this is set, without anything to tell
        self._cycle.message_event.set()

    def abort(self) -> None:
        self._cycle.transport.abort()


def _reap_early(raw: Any) -> None:
    """The kernel gives up on a peer that acknowledges nothing for so long: half-open connections end by themselves."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if raw is not None and option is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.IPPROTO_TCP, option, 45_000)


class PlainDoor:
    """A bounded queue in front of `send`."""

    def __init__(self, send: Send, form: Form) -> None:
        self._send, self._form = send, form
        self._queue: deque[bytes] = deque()
        self._waiting = 0
        self._gone = False
        self._free = asyncio.Event()
        self._free.set()
        self._pump: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def paused(self) -> bool:
        return self._gone or not self._free.is_set()

    @property
    def waiting(self) -> int:
        return self._waiting

    def push(self, body: bytes) -> None:
        self._put(self._form(body))

    def _put(self, data: bytes) -> None:
        if self._gone:
            return
        self._queue.append(data)
        self._waiting += len(data)
        if self._waiting > HIGH_WATER:
            self._free.clear()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.ensure_future(self._empty())

    def give(self, batch: Batch) -> bool:
        if self.paused:
            return False
        self._put(batch.formed(self._form))
        return True

    async def drained(self) -> bool:
        await self._free.wait()
        return not self._gone

    async def ended(self, receive: Receive, over: asyncio.Event) -> None:
        self._watch = asyncio.ensure_future(_gone(receive))
        waits = asyncio.ensure_future(over.wait())
        try:
            await asyncio.wait((self._watch, waits), return_when=asyncio.FIRST_COMPLETED)
            if over.is_set() and self._pump is not None and not self._gone:
                await asyncio.wait((self._pump, self._watch), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (self._watch, waits):
                task.cancel()
            self.abort()

    def nudge(self) -> None:
        """`over` is waited for."""

    def abort(self) -> None:
        self._gone = True
        self._free.set()
        if self._pump is not None:
            self._pump.cancel()
        if self._watch is not None:
            self._watch.cancel()

    async def _empty(self) -> None:
        while self._queue:
            data = b"".join(self._queue)
            self._queue.clear()
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
            self._waiting -= len(data)
            if self._waiting <= HIGH_WATER // 4:
                self._free.set()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
