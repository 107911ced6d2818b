"""HEAD works wherever GET does: the same headers, and not a byte of the body."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEY = "bessline.head"


def is_head(scope: Scope) -> bool:
    """Whether headers alone were asked for: what is dear to make need not be made."""
    return scope["method"] == "HEAD" or _KEY in scope


class HeadAsGet:
    """Asks `app` with GET for what came as HEAD, ends the answer behind its headers, and then hangs up on `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_head(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        async def receive_head() -> Message:
            return {"type": "http.disconnect"} if begun else await receive()

        # a copy: the server's own scope must go on saying HEAD
        await self._app({**scope, "method": "GET", _KEY: True}, receive_head, send_head)
