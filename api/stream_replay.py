"""The response of a private replay.

It is sse-starlette's: every frame is made for one reader alone, so sharing bytes would gain nothing, and the library
brings what such a stream needs (disconnects, a limit for each send, pings, HEAD). Two of its habits are undone: it
sends `Connection: keep-alive`, which HTTP/2 forbids, and it patches uvicorn to cancel streams at a signal, before
they could say `bye`; here `Player.drain` ends them.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence

from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import AppStatus, EventSourceResponse

from api.events import HEADERS, encode, opening
from api.stream_query import Wanted
from bessline.errors import BesslineError
from bessline.live.feed import Dated
from bessline.live.findings import LAST_SEQ, Finding
from bessline.live.ids import ReplayId, Told
from bessline.live.merge import Row
from bessline.live.player import Player
from bessline.live.replay import Replay, ReplayFindings, Timetable
from bessline.live.resume import Missing, told

logger = logging.getLogger(__name__)
AppStatus.enable_automatic_graceful_drain = False


def replay_stream(player: Player, wanted: Wanted) -> EventSourceResponse:
    """Streams a walk through the history of one topic of one device as `wanted`."""
    response = EventSourceResponse(
        ReplayBody(player, wanted).packets(),
        headers=HEADERS,
        sep="\n",
        ping=player.pace.heartbeat_s,
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat", sep="\n"),
        send_timeout=player.pace.stall_s,
    )
    del response.headers["connection"]
    return response


class ReplayBody:
    """The events of a replay."""

    def __init__(self, player: Player, wanted: Wanted) -> None:
        self._player, self._wanted = player, wanted
        self._store = player.managers.store.id
        start_ms = player.managers[wanted.topic].timeline(wanted.device_id).start_ms
        self._replay = Replay(
            player.managers[wanted.topic],
            wanted.device_id,
            fields=wanted.fields,
            start_ms=wanted.last.t_ms + 1 if isinstance(wanted.last, ReplayId) else max(start_ms, wanted.start_ms or 0),
            end_ms=wanted.end_ms,
            limit=wanted.max_events,
            timetable=Timetable(wanted.interval_s, speed=wanted.speed),
            stop=player.draining,
        )
        last = wanted.last if isinstance(wanted.last, ReplayId) else None
        began = Told(self._replay.place_ms, LAST_SEQ) if last is None else Told(last.t_ms, last.told)
        announcer = player.announcer if wanted.analytics else None
        self._findings = ReplayFindings(announcer, wanted.device_id, after=began)

    async def packets(self) -> AsyncIterator[bytes]:
        """Bytes to send: events that are due together in one piece."""
        yield opening()
        if self._wanted.came_back:
            yield self._resume()
        try:
            async for batch in self._replay.batches():
                yield await self._told(batch)
        except BesslineError as error:
            # once a stream has begun no status can say it; the client comes back later and goes on from here
            logger.warning("a replay cannot go on: %s", error)
            yield self._bye("unreadable")
            return
        if self._player.draining.is_set():
            yield self._bye("shutdown")
            return
        if self._replay.given != self._wanted.max_events and self._wanted.end_ms is not None:
            yield await self._told((), before_ms=self._wanted.end_ms)
        reason = "max_events" if self._replay.given == self._wanted.max_events else "end"
        data = {"device_id": self._wanted.device_id, "reason": reason, "events": self._replay.given}
        yield encode("end", f"{self._place()}.end", data)

    async def _told(self, batch: Sequence[Dated], *, before_ms: int | None = None) -> bytes:
        """Readings, and what the analytics found, in the order of time; a finding comes after its reading."""
        told = [(t_ms, 0, self._reading(t_ms, row)) for t_ms, row in batch]
        upto_ms = batch[-1][0] if before_ms is None else before_ms - 1
        told += [(found.t_ms, found.seq, self._finding(found)) for found in await self._findings.upto(upto_ms)]
        return b"".join(body for _, _, body in sorted(told))

    def _finding(self, found: Finding) -> bytes:
        return encode(found.name, str(ReplayId(self._store, found.t_ms, told=found.seq)), found.data)

    def _bye(self, reason: str) -> bytes:
        return encode("bye", str(self._place()), {"reason": reason}, retry_ms=self._player.retry_ms())

    def _place(self) -> ReplayId:
        """All up to here was sent."""
        told = self._findings.told
        here = Told(self._replay.place_ms, 0) if told is None else max(told, Told(self._replay.place_ms, 0))
        return ReplayId(self._store, here.key_ms, told=here.seq)

    def _ident(self, t_ms: int) -> ReplayId:
        return ReplayId(self._store, t_ms)

    def _reading(self, t_ms: int, row: Row) -> bytes:
        body = {"device_id": self._wanted.device_id, "timestamp": row["timestamp"]}
        return encode(None, str(self._ident(t_ms)), body | {name: row[name] for name in self._wanted.fields})

    def _resume(self) -> bytes:
        """Nothing was missed: a replay waits for its reader. An id that is none of ours begins at `start`."""
        place_ms = self._replay.place_ms
        data = told("reset") if self._wanted.last is None else told("exact", span=Missing(place_ms, place_ms))
        return encode("resume", str(self._ident(place_ms)), data)
