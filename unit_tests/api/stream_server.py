"""A real server on a free port of loopback, for the tests of streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import uvicorn
from fastapi import APIRouter
from httpx_sse import ServerSentEvent, aconnect_sse
from starlette.middleware import Middleware

from api import problems
from api.engine import Engine
from api.events import HEARTBEAT, encode
from api.head import HeadAsGet
from api.openapi import Api
from api.settings import Settings
from api.streaming import add_stream
from bessline.live.findings import FindingLog
from bessline.live.gate import Gate
from bessline.live.player import Player
from bessline.live.seat import Pace
from bessline.managers import Managers
from routers import stream

FAST = Pace(interval_s=0.05, refresh_s=3600, drain_s=0.3)
STREAM = "/bms/b1/stream"
EVERY = {"interval": "0.05", "fields": "soc"}


@dataclass
class Served:
    """A running server and a client for it."""

    engine: Engine
    player: Player
    client: httpx.AsyncClient
    server: uvicorn.Server

    async def events(self, path: str = STREAM, n: int = 10**9, /, **query: str) -> list[ServerSentEvent]:
        """The first `n` events, or all until the stream ends. The id goes as a header unless it is in the query."""
        headers = {"Last-Event-ID": query.pop("header_id")} if "header_id" in query else {}
        found: list[ServerSentEvent] = []
        async with aconnect_sse(self.client, "GET", path, params=query, headers=headers) as source:
            async for event in source.aiter_sse():
                found.append(event)
                if len(found) == n:
                    break
        return found

    async def emptied(self) -> None:
        """Wait until nobody is inside any more."""
        while self.player.gate.inside:
            await asyncio.sleep(0.005)


@asynccontextmanager
async def serving(
    managers: Managers, *, pace: Pace = FAST, gate: Gate | None = None, findings: FindingLog | None = None
) -> AsyncIterator[Served]:
    """Serve the streams of bms, pcs and bess, and that of many."""
    app = Api(middleware=[Middleware(HeadAsGet)])
    problems.install(app)
    for topic in ("bms", "pcs", "bess"):
        router = APIRouter(prefix=f"/{topic}")
        add_stream(router, topic)
        app.include_router(router)
    app.include_router(stream.router)
    admitting = gate or Gate(total=99, per_key=99)
    player = Player(managers, encode=encode, heartbeat=HEARTBEAT, gate=admitting, pace=pace, findings=findings)
    await player.start()
    engine = Engine(Settings(), phase="ready", managers=managers, live=player)
    app.state.engine = engine
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            yield Served(engine, player, client, server)
    finally:
        await player.drain()
        server.should_exit = True
        await task
        engine.readers.shutdown()


def tell(managers: Managers, story: Callable[[Served], Awaitable[None]], **changes: Any) -> None:
    """Run `story` with a server; `changes` are those of the pace, the gate, or what was found."""
    gate, findings = changes.pop("gate", None), changes.pop("findings", None)

    async def run() -> None:
        async with serving(managers, pace=replace(FAST, **changes), gate=gate, findings=findings) as served:
            await story(served)

    asyncio.run(asyncio.wait_for(run(), 60))


def soc(events: list[ServerSentEvent]) -> list[float]:
    """What the readings among `events` say."""
    return [json.loads(event.data)["soc"] for event in events if event.event == "message"]


def names(events: list[ServerSentEvent]) -> list[str]:
    """Names of the events; a reading is ``message``."""
    return [event.event for event in events]
