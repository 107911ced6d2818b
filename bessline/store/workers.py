"""Where the work of an ingest runs: a pool of spawned processes, or this one."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing.util import Finalize
from typing import ParamSpec, TypeVar

import pyarrow as pa

from bessline.store.freed import keep_freed
from bessline.store.spawned import SPAWN_LONE

P = ParamSpec("P")
T = TypeVar("T")
_NICENESS = 10
_KEPT_BYTES = 32 << 20


def executor(workers: int | None) -> Executor:
    """A pool of `workers` processes (default: one a core); 0 runs everything in this process.

    Processes are spawned: polars and Arrow hold threads and locks that do not survive a fork.
    """
    if workers == 0:
        return InlineExecutor()
    return ProcessPoolExecutor(workers or os.cpu_count(), mp_context=SPAWN_LONE, initializer=_begin_pooled)


def _begin_pooled() -> None:
    begin_worker()
    # all that is left to do at the end is to give back memory, which the system does at once
    Finalize(None, os._exit, args=(0,), exitpriority=-1000)


def begin_worker() -> None:
    """Yield to whoever serves, and never outlive the parent: a killed one leaves its pool waiting for ever."""
    os.nice(_NICENESS)
    _keep_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole group; the parent decides
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _keep_memory() -> None:
    """Let freed memory be used again: else each array of a megabyte costs its page faults, a tenth of the work.

    Arrow's own allocator gives its memory back whatever is said here. What was imported is never looked through again.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()
    keep_freed(_KEPT_BYTES)


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


class InlineExecutor(Executor):
    """Runs each call at once, in the caller's thread."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `fn` now; its outcome stands in the future."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed to the caller of result(), as every executor does
            future.set_exception(error)
        return future
