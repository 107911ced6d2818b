"""Afterwards: a stream runs when all that made its answer has returned."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.afterwards import afterwards, outermost

told: list[str] = []


async def receive() -> Message:
    raise AssertionError


async def send(message: Message) -> None: ...


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    told.append(f"stream {sorted(scope)}")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    async def wrapped(message: Message) -> None: ...

    await afterwards(stream, scope, receive, wrapped)
    told.append("returned")


def asked(method: str, *, alone: bool = False) -> list[str]:
    told.clear()
    scope = {"type": "http", "method": method, "route": object()}
    asyncio.run(app(scope, receive, send) if alone else outermost(app, scope, receive, send))
    return list(told)


def test_the_stream_runs_outermost() -> None:
    """After the app, and without what the app put into the scope."""
    assert asked("GET") == ["returned", "stream ['method', 'type']"]


def test_head_has_no_stream() -> None:
    """Its headers are sent already."""
    assert asked("HEAD") == ["returned"]


def test_where_nobody_is_outermost_it_runs_at_once() -> None:
    """A bare router, such as in a test."""
    assert asked("GET", alone=True)[-1] == "returned"
    assert len(told) == 2


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_not_http_passes(kind: str) -> None:
    """Untouched."""
    seen: list[Scope] = []

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    asyncio.run(outermost(other, {"type": kind}, receive, send))
    assert seen == [{"type": kind}]
