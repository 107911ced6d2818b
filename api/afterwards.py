"""Afterwards: a stream goes on when all that made its answer (routing, middleware, exception handlers) has returned.

A stream lasts for hours. Behind a framework's whole stack of calls it holds some ten kilobytes of frames, and each of
its bytes passes every wrapper of `send`. Here the stack only sends the headers; then it unwinds, and the stream runs
outermost, with the server's own `send`.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "bessline.afterwards"
#: What a stream still needs of its scope: uvicorn's own.
_KEPT = {"type", "http_version", "method", "path", "client", "server", "scheme", "headers", "asgi"}


async def outermost(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Call `app`, then what its answer left to be done afterwards. HEAD asks for headers alone."""
    if scope["type"] != "http":
        await app(scope, receive, send)
        return
    left: list[ASGIApp] = []
    scope[_KEY] = left
    await app(scope, receive, send)
    if left and scope["method"] != "HEAD":
        for name in scope.keys() - _KEPT:
            del scope[name]
        await left.pop()(scope, receive, send)


async def afterwards(stream: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let `stream` run when the app has returned; at once, where nobody is outermost."""
    left: list[ASGIApp] | None = scope.get(_KEY)
    if left is None:
        await stream(scope, receive, send)
    else:
        left.append(stream)
