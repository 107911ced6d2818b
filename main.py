"""Wires settings to engine to app. `python main.py` serves; so does `uvicorn main:app`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import typer
from fastapi import Depends, FastAPI

from api import memory, metrics, problems, serving, startup
from api.access import check_access
from api.engine import Engine
from api.logs import configure_logs
from api.middleware import middleware
from api.openapi import Api
from api.queries import only_known_names
from api.settings import Settings, read_settings
from bessline import __version__, cli
from routers import ROUTERS

#: Nothing is told to anybody but by /metrics and the logs.
TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; it loads and serves once it is started."""
    engine = Engine(settings or read_settings())
    metrics.install(engine)
    app = Api(
        title="bessline",
        version=__version__,
        openapi_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(only_known_names)],
        telemetry=TELEMETRY,
        middleware=middleware(engine),
    )
    app.state.engine = engine
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    configure_logs()
    memory.steady_pool()
    async with startup.running(app.state.engine):
        yield


_app = cache(create_app)


def __getattr__(name: str) -> FastAPI:
    """`main.app`, made when asked for: the workers of an ingest import this file too, and need none."""
    if name == "app":
        return _app()
    raise AttributeError(name)


def serve(**options: Any) -> None:
    """Serve until a signal comes; `options` are those of `Settings`."""
    settings = read_settings(**options)
    check_access(settings)
    app = create_app(settings)
    serving.run(app, app.state.engine, announce=_announce)


def _announce(urls: Sequence[str]) -> None:
    for url in urls:
        typer.echo(f"bessline serves {url} (the page: {url}dashboard/); Ctrl+C ends it")


if __name__ == "__main__":
    cli.run(serve)
