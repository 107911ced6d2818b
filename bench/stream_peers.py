"""The peers of our streams, each a server of its own: ``python -m bench.stream_peers NAME PORT FRAMES INTERVAL``.

They send as many events a tick as ours, of the same size: the naive way, and the floor of ASGI.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sse_starlette.sse import EventSourceResponse
from starlette.types import Receive, Scope, Send

#: What a bms reading of ours holds.
VALUES = {"soc": 52.0, "soh": 99.0, "voltage": 843.1, "current": 112.4, "cell_avg_voltage": 3.244}
VALUES |= {"cell_avg_temp": 27.0, "cell_max_voltage": 3.251, "cell_min_voltage": 3.238, "cell_max_temp": 29.0}
VALUES |= {"cell_min_temp": 25.0, "cell_voltage_diff": 0.013, "cell_temp_diff": 4.0}
STAMP = "2024-05-01T00:00:00.000Z"


class Reading(BaseModel):
    """What the naive way builds for each subscriber."""

    device_id: str
    timestamp: str
    values: dict[str, float]


def frame(n: int) -> bytes:
    """One event, as ours is written."""
    fields = "".join(f',"{name}":{value}' for name, value in VALUES.items())
    data = f'{{"device_id":"d1","timestamp":"{STAMP}"{fields}}}'
    return f"id: l.5708e001.5e6f7a8b.0.{n + 10**12}\nevent: bms\ndata: {data}\n\n".encode()


def naive(frames: int, interval_s: float) -> Any:
    """A generator for each subscriber, a model and its JSON for each event."""
    app = FastAPI()

    async def events() -> AsyncIterator[dict[str, str]]:
        loop = asyncio.get_running_loop()
        for n in itertools.count(int(loop.time() / interval_s) + 1):
            await asyncio.sleep(n * interval_s - loop.time())
            for part in range(frames):
                reading = Reading(device_id="d1", timestamp=STAMP, values=VALUES)
                yield {"id": f"l.5708e001.{n * frames + part}", "event": "bms", "data": reading.model_dump_json()}

    @app.get("/stream")
    async def stream() -> EventSourceResponse:
        return EventSourceResponse(events())

    return app


def bare(frames: int, interval_s: float) -> Any:
    """ASGI without a framework: the same bytes to all, one `send` for each connection and tick."""
    waiting: list[asyncio.Future[bytes]] = []
    began: list[asyncio.Task[None]] = []

    async def tick() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for n in itertools.count(1):
            await asyncio.sleep(start + n * interval_s - loop.time())
            body = b"".join(frame(n * frames + part) for part in range(frames))
            woken, waiting[:] = waiting[:], []
            for future in woken:
                if not future.done():
                    future.set_result(body)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if not began:
            began.append(asyncio.create_task(tick()))
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        loop = asyncio.get_running_loop()
        while True:
            future: asyncio.Future[bytes] = loop.create_future()
            waiting.append(future)
            await send({"type": "http.response.body", "body": await future, "more_body": True})

    return app


PEERS = {"naive": naive, "bare": bare}

if __name__ == "__main__":
    name, port, count, interval = sys.argv[1:]
    made = PEERS[name](int(count), float(interval))
    uvicorn.run(made, port=int(port), log_level="critical", access_log=False, lifespan="off", backlog=8192)
