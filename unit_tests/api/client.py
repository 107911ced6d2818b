"""A client of an app that runs in this process, as a program outside would see it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import orjson
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from starlette.types import Message

from api.engine import Engine
from api.settings import Settings
from main import create_app

#: A plant whose live clock does not tick while a test looks.
QUIET_S = 3600.0
_PATIENCE_S = 60.0


class Client:
    """Asks `app`; every answer is checked for what all answers promise."""

    def __init__(self, portal: BlockingPortal, app: FastAPI, address: str) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._portal, self.app = portal, app
        self._http = httpx.AsyncClient(transport=transport, base_url=address)

    @property
    def engine(self) -> Engine:
        """The engine behind the app."""
        engine: Engine = self.app.state.engine
        return engine

    def ask(self, method: str, path: str, **params: Any) -> httpx.Response:
        """One request; `path` goes out as it is written."""
        answer = self._portal.call(partial(self._http.request, method, path, **params))
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", path
            if method != "HEAD":
                body = answer.json()
                assert list(body)[:5] == ["type", "title", "status", "detail", "instance"], path
                assert body["status"] == answer.status_code
        return answer

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        """GET with a query."""
        return self.ask("GET", path, params=query or None, headers=headers)

    def json(self, path: str, **query: Any) -> Any:
        """The body of an answer that must be 200."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **query: Any) -> str:
        """What a 422 says, and that it names the parameter in its `errors`."""
        answer = self.get(path, **query)
        assert answer.status_code == 422, answer.text
        body = answer.json()
        assert all(error["loc"][0] == "query" and error["msg"] for error in body["errors"])
        return str(body["detail"])

    def raw(self, path: str) -> int:
        """The status for a path that no client library would send: `path` is what a server decoded."""
        return self._portal.call(_raw, self.app, path)

    def wait_ready(self) -> None:
        """Until nothing loads any more."""
        until = time.monotonic() + _PATIENCE_S
        while self.engine.phase == "loading" and time.monotonic() < until:
            self._portal.call(partial(self._http.get, "/livez"))

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Until `holds`, which asks the server."""
        until = time.monotonic() + _PATIENCE_S
        while not holds():
            assert time.monotonic() < until, "it never held"


async def _raw(app: FastAPI, path: str) -> int:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": [], "http_version": "1.1", "scheme": "http", "root_path": "", "server": ("127.0.0.1", 80)}
    await app(scope, receive, send)
    status: int = sent[0]["status"]
    if status >= 400:
        assert (b"content-type", b"application/problem+json") in sent[0]["headers"], path
        assert orjson.loads(sent[1]["body"])["status"] == status
    return status


@contextmanager
def served(settings: Settings, *, address: str = "http://127.0.0.1:8002") -> Iterator[Client]:
    """An app with `settings`, started, until the `with` ends. It may still load."""
    app = create_app(settings)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
    ):
        yield Client(portal, app, address)


@contextmanager
def served_copy(store: Path, folder: Path, **options: Any) -> Iterator[Client]:
    """A ready app on a copy of `store` in `folder`. The analytics, a process more, run where a test asks for them."""
    options = {"analytics": False} | options
    shutil.copytree(store, folder / "store")
    with served(Settings(store=folder / "store", live_interval=QUIET_S, **options)) as client:
        client.wait_ready()
        assert client.engine.phase == "ready", client.engine.detail
        yield client
