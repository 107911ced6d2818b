"""The inflow: rows from many requests at once share one force to disk, and go out once they are durable."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from bessline.errors import StoreError, StoreLocked
from bessline.store.batch import Batch
from bessline.store.inlet import Inlet, Taken
from bessline.store.rewrite import drop_old
from bessline.store.workers import executor

T = TypeVar("T")
Arrived = Callable[[Sequence[Taken]], Awaitable[None]]
#: How often the disk and the bounds are looked at, and how long after a failed seal the next try comes, in seconds.
LOOK_S, RETRY_S = 1.0, 30.0
logger = logging.getLogger(__name__)


class Inflow:
    """Takes batches from requests. Nothing of it blocks the event loop: the disk is forced in a thread of its own.

    Parameters
    ----------
    arrived: told, in order, of what is durable.
    keeping: how long (ms) rows and levels are kept (see `bessline.store.retention`): what is older goes after a seal.
    """

    def __init__(
        self, inlet: Inlet, *, arrived: Arrived, keeping: Mapping[str, int] | None = None, look_s: float = LOOK_S
    ) -> None:
        self.inlet, self._keeping = inlet, keeping or {}
        self._arrived, self._look_s = arrived, look_s
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="bessline-inlet")
        self._waiting: list[tuple[Batch, asyncio.Future[Taken]]] = []
        self._durable: asyncio.Queue[list[Taken]] = asyncio.Queue()
        self._some = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._seal: threading.Thread | None = None
        self._next_seal_s = 0.0
        self.commits = 0
        self.rows = {"accepted": 0, "late": 0, "duplicate": 0}

    async def start(self) -> None:
        """Take over what an earlier process left, and begin."""
        await self._run(self.inlet.recover)
        self._tasks = [asyncio.create_task(work()) for work in (self._commit, self._tell, self._look)]

    async def put(self, batch: Batch) -> Taken:
        """Keep a batch; returns once it survives a crash.

        Raises
        ------
        StoreError
            it was not kept.
        """
        future: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, future))
        self._some.set()
        return await future

    async def close(self) -> None:
        """End. What was acknowledged is on disk; what waits is refused."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        _settle(self._waiting, error=StoreError("the server goes away; send it again", path=self.inlet.store.path))
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.inlet.close()

    async def _commit(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            group, self._waiting = self._waiting, []
            try:
                taken = await self._run(partial(self.inlet.write, [batch for batch, _ in group]))
            except Exception as error:
                if not isinstance(error, StoreError):
                    logger.exception("live input could not be kept")
                _settle(group, error=error)
            else:
                _settle(group, taken=taken)
                self._note(taken)
                self._durable.put_nowait(taken)

    def _note(self, taken: Sequence[Taken]) -> None:
        self.commits += 1
        for each in taken:
            self.rows["accepted"] += each.batch.rows
            self.rows["late"] += each.late
            self.rows["duplicate"] += each.duplicates

    async def _tell(self) -> None:
        while True:
            taken = await self._durable.get()
            while not self._durable.empty():
                taken = [*taken, *self._durable.get_nowait()]
            try:
                await self._arrived(taken)
            except Exception:
                logger.exception("rows that came in could not be streamed; they are in the store")

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            try:
                if self.inlet.failure is not None:
                    await self._run(self.inlet.probe)
                self._seal_if_full()
            except Exception:
                logger.exception("live input could not be looked after; next try in %g s", self._look_s)

    def _seal_if_full(self) -> None:
        busy = self._seal is not None and self._seal.is_alive()
        if busy or time.monotonic() < self._next_seal_s or not self.inlet.is_full():
            return
        # no thread of a pool: the interpreter would wait for it at its end
        self._seal = threading.Thread(target=self._sealed, name="bessline-seal", daemon=True)
        self._seal.start()

    def _sealed(self) -> None:
        try:
            self.inlet.seal()
            if self._keeping:
                self._drop()
        except StoreLocked:
            self._next_seal_s = time.monotonic() + RETRY_S
        except Exception as error:  # noqa: BLE001 - logged; the rows stay in the journal
            logger.warning("live input stays in the journal for now (%s); next try in %g s", error, RETRY_S)
            self._next_seal_s = time.monotonic() + RETRY_S

    def _drop(self) -> None:
        store = self.inlet.store
        with executor(1) as pool:
            devices = pool.submit(drop_old, store.path, self._keeping).result()
        if devices:
            logger.info("what was too old of %d devices was dropped", devices)
            store.refresh()

    def _run(self, work: Callable[[], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, work)


def _settle(
    group: Sequence[tuple[Batch, asyncio.Future[Taken]]],
    *,
    taken: Sequence[Taken] = (),
    error: Exception | None = None,
) -> None:
    for n, (_, future) in enumerate(group):
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(taken[n])
