"""The analytics as the server sees them: their process, what it found, and how far it is."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import structlog

from api.webhook import Webhook
from bessline.analyst.alarm_book import AlarmBook
from bessline.analyst.database import FILE, Database
from bessline.analyst.events import Events
from bessline.analyst.keeper import Keeper
from bessline.analyst.log import ALARM, Log
from bessline.analyst.posted import Posted
from bessline.analyst.reports import Order, Report, Standing
from bessline.analytics.base import Options
from bessline.live.findings import Finding
from bessline.live.player import Player
from bessline.store import Store
from bessline.store.lock import hold

#: How often the log is looked at without being told, in seconds: another server may write it.
LOOK_S = 2.0
log = structlog.get_logger()


class Analysis:
    """What the analytics of `store` found, and the process that finds it.

    On a read-only store it is kept in a temporary folder. Where another server analyses the same store, this one only
    reads what that one finds. `folder` is where it is kept; `standings` say how far the analytics of each device are.
    """

    def __init__(
        self, store: Store, *, kept: int, options: Options | None = None, webhook: Webhook | None = None
    ) -> None:
        self._temporary = None if store.writable else Path(tempfile.mkdtemp(prefix="bessline-"))
        self.folder = self._temporary or store.path
        file = self.folder / FILE
        database = Database(file, store_id=store.id)
        self._database, self._order = database, Order(store.path, file, kept, options or {})
        self.events, self.alarms, self.log = Events(database), AlarmBook(database), Log(database, kept=kept)
        self.standings: dict[str, Standing] = {}
        self.keeper: Keeper | None = None
        self.webhook = webhook
        if webhook is not None:
            # the clock of a replay tells the same history lap after lap
            webhook.posted = Posted(database)
        self._lock: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, player: Player) -> None:
        """Set the process to work, and let `player` tell what it finds."""
        self._loop = asyncio.get_running_loop()
        self._lock = hold(self._order.file.with_suffix(".lock"))
        if self._lock is None:
            log.warning("another server analyses this store; what it finds is told here, too")
        else:
            self.keeper = Keeper(self._order, hear=self._hear)
            self.keeper.start()
        if self.webhook is not None:
            self.webhook.start()
            player.announcer.hears = self._pass_on
        self._tasks = [asyncio.create_task(self._tell(player)), asyncio.create_task(self._look())]

    def arrived(self) -> None:
        """Live input came in."""
        if self.keeper is not None:
            self.keeper.wake()

    def learn_soon(self) -> None:
        """Something is new in the log. From any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._news.set)

    def _pass_on(self, finding: Finding) -> None:
        if self.webhook is not None and finding.name == ALARM:
            self.webhook.put(finding.data, seq=finding.seq)

    async def stop(self) -> None:
        """End the process; what it found is kept."""
        if self.webhook is not None:
            await self.webhook.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        if self.keeper is not None:
            self.keeper.stop()
        self._database.close()
        if self._lock is not None:
            os.close(self._lock)
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _hear(self, report: Report) -> None:
        """In the keeper's thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._heard, report)

    def _heard(self, report: Report) -> None:
        self.standings = report.standings
        self._news.set()

    async def _tell(self, player: Player) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await player.learn()
            except Exception:
                # the threads that read for a player go when it says goodbye
                if player.draining.is_set():
                    return
                log.exception("what the analytics found cannot be told", next_try_s=LOOK_S)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self._news.set()
