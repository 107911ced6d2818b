"""The door of a connection: whatever it leads to, what is pushed arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from api.door import HIGH_WATER, PlainDoor, WireDoor, door_of

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def behind(kind: str, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> bytes:
    """What a client gets from `app` behind uvicorn with the protocol `kind`."""

    async def run() -> bytes:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", http=kind))
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient() as client:
            body = (await client.get(f"http://127.0.0.1:{port}/")).content
        server.should_exit = True
        await task
        return body

    return asyncio.run(asyncio.wait_for(run(), 20))


@pytest.mark.parametrize("kind", ["httptools", "h11"])
def test_behind_uvicorn_it_leads_to_the_transport(kind: str) -> None:
    """Own bytes and shared ones arrive in order, and the answer ends as any other."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        door, over = door_of(send, scope), asyncio.Event()
        assert isinstance(door, WireDoor)
        assert (door.paused, door.waiting) == (False, 0)
        door.push(b"one ")
        assert await door.drained()
        door.push(b"two")
        over.set()
        door.nudge()
        await door.ended(receive, over)
        await send(END)

    assert behind(kind, app) == b"one two"


def test_a_wrapped_send_is_left_as_it_is() -> None:
    """Whoever stands between has a reason to."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def wrapped(message: Message) -> None:
            await send(message)

        await wrapped(START)
        door, over = door_of(wrapped, scope), asyncio.Event()
        assert isinstance(door, PlainDoor)
        door.push(b"one ")
        door.push(b"two")
        over.set()
        await door.ended(receive, over)
        await wrapped(END)

    assert behind("httptools", app) == b"one two"


def test_a_plain_door_pauses_and_goes_on() -> None:
    """It holds no more than it may before it counts as slow."""

    async def story() -> None:
        free, taken = asyncio.Event(), list[bytes]()

        async def send(message: Message) -> None:
            await free.wait()
            taken.append(message["body"])

        door = PlainDoor(send, bytes)
        door.push(b"x" * HIGH_WATER)
        assert not door.paused
        door.push(b"y")
        assert (door.paused, door.waiting) == (True, HIGH_WATER + 1)
        free.set()
        assert await door.drained()
        assert (b"".join(taken), door.waiting) == (b"x" * HIGH_WATER + b"y", 0)

    asyncio.run(story())


def test_who_hung_up_is_not_waited_for() -> None:
    """A write that hangs is broken off with the door."""

    async def story() -> None:
        async def send(message: Message) -> None:
            await asyncio.Event().wait()

        door = PlainDoor(send, bytes)
        door.push(b"x")
        waits = asyncio.ensure_future(door.ended(never, asyncio.Event()))
        await asyncio.sleep(0)
        door.abort()
        await waits
        door.push(b"y")
        assert (door.paused, await door.drained()) == (True, False)

    asyncio.run(story())


def test_an_old_client_gets_what_its_server_makes_of_it() -> None:
    """HTTP/1.0 knows no chunks."""

    async def send(message: Message) -> None: ...

    assert isinstance(door_of(send, {"http_version": "1.0"}), PlainDoor)
