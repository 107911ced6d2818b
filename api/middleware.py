"""What every request passes through, outermost first."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import Access
from api.engine import Engine
from api.head import HeadAsGet
from api.metrics import HttpMetrics
from api.problems import problem


def middleware(engine: Engine) -> list[Middleware]:
    """In the order in which a request meets them. CORS stands before access: a browser asks it without a key."""
    settings = engine.settings
    cors = [Middleware(Cors, origins=settings.cors_origin)] if settings.cors_origin else []
    return [
        Middleware(HeadAsGet),
        Middleware(HttpMetrics, engine=engine),
        *cors,
        Middleware(Access, keys=settings.keys, origins=settings.cors_origin),
    ]


class Cors(CORSMiddleware):
    """Lets pages of `origins` read our answers; its own refusals are problems, too."""

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD"),
            allow_headers=("Authorization", "If-None-Match", "If-Range", "Last-Event-ID", "Range"),
            expose_headers=("Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Link", "Retry-After"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        origin = headers.get(b"origin", b"").decode("latin-1")
        asks = scope.get("method") == "OPTIONS" and b"access-control-request-method" in headers
        if origin and asks and not self.is_allowed_origin(origin):
            await problem(scope, 403, f"origin {origin[:100]} is not named in BESSLINE_CORS_ORIGIN")(
                scope, receive, send
            )
            return
        await super().__call__(scope, receive, send)
