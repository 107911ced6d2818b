"""From settings to something to serve: take in the data, open the store, start the live clocks. Off the event loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

import structlog

from api.analysis import Analysis
from api.engine import Engine
from api.settings import DEFAULT_STORE, Settings
from api.streaming import new_player
from api.webhook import Webhook
from bessline.alarm_file import load_alarms
from bessline.analytics.alarm_rules import RuleBook
from bessline.demo import make_demo
from bessline.errors import BesslineError, EmptySource, StoreFull, StoreLocked, StoreMissing, StoreUnwritable
from bessline.live.inflow import Inflow
from bessline.managers import Managers
from bessline.progress import Tell, progress
from bessline.sources import Source, open_source
from bessline.store import Store, ingest
from bessline.store.inlet import Bounds, Inlet, Taken
from bessline.store.intake import open_or_begin
from bessline.store.lock import writing
from bessline.store.manifest_file import MANIFEST
from bessline.store.retention import parse_keeping

T = TypeVar("T")

_STOP_S = 0.3
_NAMED_REFUSALS = 20
log = structlog.get_logger()


class Interrupted(Exception):
    """The server goes away while it still loads."""


def open_store(settings: Settings, *, tell: Tell) -> Store:
    """The store to serve, made first if need be. Blocks, for long where there is much to take in.

    A store that was named and does not exist is an error, unless a new one is wanted; without one named, and without
    data, there is the demo.
    """
    path = settings.store or DEFAULT_STORE
    if settings.data:
        _take_in(_sources(settings), path, settings=settings, tell=tell)
        return Store.open(path)
    if settings.new and not _is_store(path):
        with writing(path):
            open_or_begin(path)
    if settings.store is not None or _is_store(path):
        return _existing(path)
    return _demo_store(settings, tell=tell)


def _is_store(path: Path) -> bool:
    return (path / MANIFEST).exists()


def _existing(path: Path) -> Store:
    if not path.exists():
        how = "take data in (--data FOLDER), begin one for live input (--new), or leave --store out and see the demo"
        raise StoreMissing(f"there is no store; {how}", path=path)
    return Store.open(path)


def _sources(settings: Settings) -> list[Source]:
    sources = [
        open_source(path, timezone=settings.timezone, describe=settings.describe, prefix=settings.prefix)
        for path in settings.data
    ]
    if not any(source.jobs for source in sources):
        _log_refused([error for source in sources for error in source.refused])
        raise EmptySource("nothing to take in: no readable file in " + ", ".join(map(str, settings.data)))
    return sources


def _take_in(sources: Sequence[Source], path: Path, *, settings: Settings, tell: Tell) -> None:
    report = ingest(sources, path, workers=settings.workers, progress=tell)
    _log_refused(report.refused)
    if report.left_aside:
        log.info("left aside", files=report.left_aside)
    log.info("taken in", store=str(path), files=report.files, rows=report.rows, rejected=report.rejected)


def _log_refused(refused: Sequence[BesslineError]) -> None:
    for error in refused[:_NAMED_REFUSALS]:
        log.warning("refused", reason=str(error))
    if len(refused) > _NAMED_REFUSALS:
        log.warning("refused", more=len(refused) - _NAMED_REFUSALS)


def _demo_store(settings: Settings, *, tell: Tell) -> Store:
    path = settings.demo / "store"
    if not (settings.demo / "truth.json").exists():
        log.info("making the demo plant; this happens once", folder=str(settings.demo))
        make_demo(settings.demo, progress=tell)
    try:
        _take_in([open_source(settings.demo)], path, settings=settings, tell=tell)
    except (StoreLocked, StoreUnwritable):
        # another server takes it in, or it lies on a read-only disk: what is there is served
        if not _is_store(path):
            raise
    return Store.open(path)


def _analysis(store: Store, settings: Settings) -> Analysis | None:
    """What the analytics found, None where they are off. The server serves without them, too.

    Raises
    ------
    AlarmFileError
    """
    options = {} if settings.alarms is None else {"alarm": {"book": alarm_rules(settings.alarms, store)}}
    if not settings.analytics:
        return None
    try:
        return Analysis(store, kept=settings.analytics_events, options=options, webhook=_webhook(settings))
    except (sqlite3.Error, OSError, StoreFull) as error:
        log.error("no analytics", reason=str(error))
        return None


def alarm_rules(path: Path, store: Store) -> RuleBook:
    """The rules that the file at `path` makes. A device that is not in `store` may still come, or is mistyped."""
    book = load_alarms(path)
    if unknown := sorted(book.devices - store.devices.keys()):
        log.warning("the alarms name devices that the store does not have", file=str(path), devices=unknown)
    return book


def _webhook(settings: Settings) -> Webhook | None:
    return None if settings.webhook is None else Webhook(settings.webhook, key=settings.webhook_key)


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[None]:
    """The engine loads in the background, serves, and lets go."""
    opening = Opening(engine)
    task = asyncio.create_task(opening.run())
    try:
        yield
    finally:
        engine.phase, engine.detail = "draining", "the server goes away"
        engine.detection.stop()
        await opening.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if engine.analysis is not None:
            await engine.analysis.stop()
        if engine.live is not None:
            await engine.live.drain()
        if engine.inflow is not None:
            await engine.inflow.close()
        engine.exports.close()
        engine.readers.shutdown(wait=False, cancel_futures=True)


class Opening:
    """Brings `engine` from loading to ready, in a thread that does not keep the process from ending."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._others = set(multiprocessing.active_children())

    async def run(self) -> None:
        """Open the store, then start the live clocks. What goes wrong stands in the engine afterwards."""
        engine = self._engine
        try:
            with progress() as show:
                store = await self._in_thread(lambda: open_store(engine.settings, tell=self._telling(show)))
                await self._in_thread(store.reserve)
            engine.managers = Managers(store)
            await self._start_live(engine.managers)
        except Interrupted:
            return
        except BesslineError as error:
            self._fail(error)
        except Exception as error:
            log.exception("nothing to serve")
            self._fail(BesslineError(f"the store cannot be opened ({type(error).__name__}); the log says more"))
        else:
            if engine.phase == "loading":
                engine.phase, engine.detail = "ready", str(store.path)
                log.info("ready", store=str(store.path), devices=len(store.devices))
                engine.when_ready()
                await self._start_analytics()

    async def stop(self) -> None:
        """Interrupt what is still loading. The store is whole at any moment; the next start goes on from there."""
        self._stopping.set()
        await self._ended(_STOP_S)
        # workers finish the file in hand even when nobody waits for it, and the interpreter would wait for them
        for child in self._children():
            child.terminate()
        await self._ended(_STOP_S)

    def _fail(self, error: BesslineError) -> None:
        # what breaks because its workers were ended with us is no failure
        if self._stopping.is_set() or self._engine.phase == "draining":
            return
        log.error("nothing to serve", reason=str(error))
        self._engine.fail(error)

    async def _start_live(self, managers: Managers) -> None:
        settings = self._engine.settings
        analysis = await asyncio.to_thread(_analysis, managers.store, settings)
        player = new_player(
            managers,
            interval_s=settings.live_interval,
            start_ms=settings.live_start_ms,
            heartbeat_s=settings.heartbeat_s,
            cap_total=settings.cap_total,
            cap_per_address=settings.cap_per_address,
            findings=None if analysis is None else analysis.events,
        )

        async def arrived(taken: Sequence[Taken]) -> None:
            """Streams come first; what is found in these rows goes out behind them."""
            await player.arrived(taken)
            if analysis is not None:
                analysis.arrived()

        bounds = Bounds(values=settings.journal_values, age_s=settings.journal_age)
        inflow = Inflow(Inlet(managers.store, bounds=bounds), arrived=arrived, keeping=parse_keeping(settings.keep))
        await inflow.start()
        await player.start()
        self._engine.live, self._engine.inflow, self._engine.analysis = player, inflow, analysis

    async def _start_analytics(self) -> None:
        analysis, player = self._engine.analysis, self._engine.live
        if analysis is not None and player is not None:
            await analysis.start(player)

    def _children(self) -> set[BaseProcess]:
        return set(multiprocessing.active_children()) - self._others

    async def _ended(self, within_s: float) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while self._thread is not None and self._thread.is_alive():
            if loop.time() > until:
                return False
            await asyncio.sleep(0.01)
        return True

    def _telling(self, show: Tell) -> Tell:
        def tell(what: str, done: int, total: int) -> None:
            if self._stopping.is_set():
                raise Interrupted
            self._engine.detail = f"{what} ({done} of {total})"
            show(what, done, total)

        return tell

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Like `asyncio.to_thread`, but in a daemon thread: a pool's threads are waited for at exit, however long."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type] # T may itself allow None

        def target() -> None:
            result, failure = None, None
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - handed to whoever awaits
                failure = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, result, failure)

        self._thread = threading.Thread(target=target, name="bessline-opening", daemon=True)
        self._thread.start()
        return await future
