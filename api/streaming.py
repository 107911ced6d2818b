"""Streams of one topic: `add_stream(router, topic)` gives a resource its `/{device_id}/stream`."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.engine import Engine, EngineDep
from api.events import HEADERS, HEARTBEAT, encode, turning_away
from api.fields import fields_among
from api.history import DeviceId, known
from api.stream_live import LiveStream
from api.stream_query import StreamQuery, Wanted, check_range, last_id, live
from api.stream_replay import replay_stream
from api.times import parse_time
from bessline.live.findings import FindingLog
from bessline.live.gate import Gate
from bessline.live.ids import ReplayId
from bessline.live.player import Player
from bessline.live.seat import Pace
from bessline.managers import Managers

RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "Server-Sent Events", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    204: {"description": "The id is that of an `end`: there is nothing more"},
}


def new_player(
    managers: Managers,
    *,
    interval_s: float = 1.0,
    start_ms: int | None = None,
    heartbeat_s: float = 15.0,
    cap_total: int = 10_000,
    cap_per_address: int = 100,
    findings: FindingLog | None = None,
) -> Player:
    """The player of a server, speaking Server-Sent Events. `await player.start()` sets it going."""
    return Player(
        managers,
        encode=encode,
        heartbeat=HEARTBEAT,
        gate=Gate(total=cap_total, per_key=cap_per_address),
        pace=Pace(interval_s=interval_s, start_ms=start_ms, heartbeat_s=heartbeat_s),
        findings=findings,
    )


def add_stream(router: APIRouter, topic: str) -> None:
    """Give `router` the stream of `topic`."""

    async def stream(
        request: Request,
        device_id: DeviceId,
        query: Annotated[StreamQuery, Query()],
        engine: EngineDep,
    ) -> Response:
        return _open(request, wanted_by=query, device_id=device_id, topic=topic, engine=engine)

    router.add_api_route(
        "/{device_id}/stream",
        stream,
        methods=["GET"],
        response_class=Response,
        responses=RESPONSES,
        summary=f"A stream of the {topic} readings of one device",
    )


def _open(request: Request, *, wanted_by: StreamQuery, device_id: str, topic: str, engine: Engine) -> Response:
    if (player := serving(engine)) is None:
        return TurnedAway()
    wanted = _wanted(request, wanted_by, device_id=device_id, topic=topic, managers=player.managers)
    if wanted.is_over:
        return Response(status_code=204)
    if wanted.is_replay:
        return Admitted(replay_stream(player, wanted), gate=player.gate, key=address_of(request))
    return LiveStream(player, live(wanted), key=address_of(request))


def serving(engine: Engine) -> Player | None:
    """The player, while there is something to stream and nobody says `bye`."""
    player = engine.live
    return None if engine.phase != "ready" or player is None or player.draining.is_set() else player


def _wanted(request: Request, query: StreamQuery, *, device_id: str, topic: str, managers: Managers) -> Wanted:
    manager = known(managers, topic, device_id)
    came_back, last = last_id(request.headers.get("last-event-id"), query.last_event_id)
    if isinstance(last, ReplayId) and last.store != managers.store.id and not last.ended:
        last = None
    wanted = Wanted(
        device_id=device_id,
        topic=topic,
        fields=fields_among(manager.fields, query.fields, what=f"{topic} field {{}}") or manager.fields,
        interval_s=query.interval,
        speed=query.speed,
        start_ms=None if query.start is None else parse_time("start", query.start),
        end_ms=None if query.end is None else parse_time("end", query.end),
        max_events=query.max_events,
        came_back=came_back,
        last=last,
        fields_asked=query.fields is not None,
        analytics=query.analytics,
    )
    check_range(wanted)
    return wanted


def address_of(request: Request) -> str | None:
    """Whom a connection counts for; nobody on this machine is counted."""
    host = request.client.host if request.client else ""
    try:
        return None if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host or None


class TurnedAway(Response):
    """To a client that cannot be served now: come back later. Any status but 200 would end its `EventSource`."""

    def __init__(self) -> None:
        super().__init__(turning_away(), headers=HEADERS)


class Admitted(Response):
    """Sends `inner` to those whom `gate` lets in, and holds their place for as long as it lasts."""

    def __init__(self, inner: Response, *, gate: Gate, key: str | None) -> None:
        super().__init__()
        self._inner, self._gate, self._key = inner, gate, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._gate.enter(self._key):
            await TurnedAway()(scope, receive, send)
            return
        try:
            await self._inner(scope, receive, send)
        finally:
            self._gate.leave(self._key)
