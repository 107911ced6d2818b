"""The response of a live stream: shared bytes straight to the connection.

Not sse-starlette's response, which costs three times the CPU and four times the memory a connection (a task group of
four tasks, a lock, and a generator), pings whether or not there was an event, and sends `Connection: keep-alive`.
"""

from __future__ import annotations

import logging

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.afterwards import afterwards
from api.beginning import Beginning
from api.door import door_of, packed
from api.events import HEADERS, turning_away
from api.listener import Listener
from api.preference import preferred
from api.stream_query import LiveWanted
from bessline.errors import BesslineError, NotKnown
from bessline.live.player import Player
from bessline.live.seat import Seat

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
