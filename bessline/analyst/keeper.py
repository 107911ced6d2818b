"""The keeper: has the analyst's process run, hears it, starts it again when it dies, and ends it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from bessline.analyst.begin import begin
from bessline.analyst.reports import Order, Remark, Report
from bessline.store.spawned import SPAWN

#: Pauses before another start, from the first to the longest; one that lived for longer than this is forgiven.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
#: How long a process that is told to end is waited for.
END_S = 0.5
logger = logging.getLogger(__name__)


class Keeper:
    """Keeps a process at work on `order`.

    Parameters
    ----------
    hear: gets each report, in a thread of the keeper's own.

    `deaths` counts processes that ended by themselves; `alive` says whether there is one now.
    """

    def __init__(self, order: Order, *, hear: Callable[[Report], None]) -> None:
        self.deaths = 0
        self._order, self._hear = order, hear
        self._stopping = threading.Event()
        self._process: BaseProcess | None = None
        self._wakes: Connection | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="bessline-keeper", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        process = self._process
        return process is not None and process.is_alive()

    @property
    def pid(self) -> int | None:
        """The process, None where there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Begin; does not wait."""
        self._thread.start()

    def wake(self) -> None:
        """Something came in. Never blocks."""
        with self._lock, suppress(OSError):  # a pipe that is full wakes it as well; one that is broken is replaced
            if self._wakes is not None:
                self._wakes.send_bytes(b"w")

    def stop(self) -> None:
        """End the process; what it found is kept. Returns once it is gone."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None:
            process.terminate()
            process.join(END_S)
            if process.is_alive():
                process.kill()
                process.join(END_S)
        if self._thread.is_alive():
            self._thread.join(END_S)

    def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            began_s = time.monotonic()
            try:
                self._run_once()
            except OSError:
                logger.exception("the analytics cannot be started")
            if self._stopping.is_set():
                return
            self.deaths += 1
            if time.monotonic() - began_s > LONGEST_PAUSE_S:
                pause_s = FIRST_PAUSE_S
            code = None if self._process is None else self._process.exitcode
            logger.error("the analytics ended (exit code %s); they are started again in %g s", code, pause_s)
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _run_once(self) -> None:
        """Start a process and hear it until it ends."""
        theirs, wakes = SPAWN.Pipe(duplex=False)
        reports, out = SPAWN.Pipe(duplex=False)
        os.set_blocking(wakes.fileno(), False)
        process = SPAWN.Process(target=begin, args=(self._order, theirs, out), name="bessline-analyst", daemon=True)
        with self._lock:
            if self._stopping.is_set():
                return
            process.start()
            self._process, self._wakes = process, wakes
        theirs.close()
        out.close()
        try:
            while True:
                self._take(reports.recv())
        except (EOFError, OSError):
            process.join(END_S)
        finally:
            with self._lock:
                self._wakes = None
            wakes.close()
            reports.close()

    def _take(self, said: object) -> None:
        if isinstance(said, Remark):
            logger.log(said.level, "%s", said.text)
        elif isinstance(said, Report) and not self._stopping.is_set():
            self._hear(said)
