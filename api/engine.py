"""The engine as the routers see it: which phase it is in, what it serves, and where blocking work runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Literal, ParamSpec, TypeVar

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry

from api.analysis import Analysis
from api.detection import Detection
from api.exports import Exports
from api.settings import Settings
from api.spool import Spool
from bessline.errors import BesslineError
from bessline.live.inflow import Inflow
from bessline.live.player import Player
from bessline.managers import Managers

Phase = Literal["loading", "ready", "draining", "failed"]
P = ParamSpec("P")
T = TypeVar("T")


class NotReady(BesslineError):
    """Nothing can be read now; `retry_s` says when to ask again."""

    retry_s = 2


@dataclass(eq=False)
class Engine:
    """One a process. `detail` says in words what `phase` means now; `metrics` is what ``/metrics`` gives."""

    settings: Settings
    phase: Phase = "loading"
    detail: str = "starting"
    managers: Managers | None = None
    live: Player | None = None
    inflow: Inflow | None = None
    analysis: Analysis | None = None
    failure: BesslineError | None = None
    metrics: CollectorRegistry = field(default_factory=CollectorRegistry)
    readers: ThreadPoolExecutor = field(init=False)
    exports: Exports = field(init=False)
    detection: Detection = field(init=False)
    when_failed: Callable[[], None] = field(default=lambda: None)
    when_ready: Callable[[], None] = field(default=lambda: None)

    def __post_init__(self) -> None:
        self.readers = ThreadPoolExecutor(self.settings.readers, thread_name_prefix="bessline-read")
        spool = Spool(self.settings.spool, max_bytes=self.settings.spool_bytes)
        self.exports = Exports(spool, at_once=self.settings.exports)
        self.detection = Detection(self.settings.spool, most_bytes=self.settings.detect_bytes)

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do blocking work in one of the reading threads."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, partial(work, *args, **kwargs))

    def ready(self) -> Managers:
        """The managers, or `NotReady`."""
        if self.phase != "ready" or self.managers is None:
            raise NotReady(f"{self.phase}: {self.detail}")
        return self.managers

    def fail(self, error: BesslineError) -> None:
        """There is nothing to serve, and why."""
        self.phase, self.detail, self.failure = "failed", str(error), error
        self.when_failed()


def engine_of(request: Request) -> Engine:
    """The engine behind a request."""
    engine: Engine = request.app.state.engine
    return engine


def managers_of(request: Request) -> Managers:
    """The managers behind a request: take them once, and the whole request sees the same ones."""
    return engine_of(request).ready()


EngineDep = Annotated[Engine, Depends(engine_of)]
ManagersDep = Annotated[Managers, Depends(managers_of)]
