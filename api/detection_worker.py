"""The process in which detection runs: one, spawned when it is first needed, niced, and replaced when it is lost."""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from bessline.store.spawned import SPAWN
from bessline.store.workers import begin_worker

#: A body above this leaves the process swollen; it is ended, and the next request gets a fresh one.
_SWELLING_BYTES = 32 << 20
#: So long may one request take.
LONGEST_S = 300.0


@dataclass(frozen=True, slots=True)
class Task:
    """A request: its body in the file `body`, and the store for those that ask for a stored history."""

    body: Path
    store: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: `status`, and the JSON of the answer, or what is wrong."""

    status: int
    body: bytes = b""
    detail: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    matches: list[str] = field(default_factory=list)


class WorkerLost(Exception):
    """The process died, or took too long, before it answered."""


def serve(connection: Connection) -> None:
    """Answer tasks until the other end closes."""
    begin_worker()
    # by its name, so that the server itself is spared what it imports: a second, and 60 MB
    work: Callable[[Task], Outcome] = importlib.import_module("api.detection_task").work
    with contextlib.suppress(EOFError, OSError):
        while True:
            task: Task = connection.recv()
            swollen = task.body.stat().st_size > _SWELLING_BYTES
            connection.send((work(task), swollen))
            if swollen:
                return


class DetectionWorker:
    """The server's end of the process. `run` blocks and takes one task at a time; `stop` may come from any thread."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._stopped = threading.Event()

    @property
    def pid(self) -> int | None:
        """Of the process, None where there is none."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    def run(self, task: Task) -> Outcome:
        """What became of `task`.

        Raises
        ------
        WorkerLost
        """
        connection = self._connected()
        try:
            connection.send(task)
            if not connection.poll(LONGEST_S):
                raise WorkerLost(f"took longer than {LONGEST_S:.0f} s")
            outcome, over = connection.recv()
        except (EOFError, OSError) as error:
            self._end()
            raise WorkerLost("the process ended") from error
        except WorkerLost:
            self._end()
            raise
        if over:
            self._end()
        found: Outcome = outcome
        return found

    def stop(self) -> None:
        """End the process at once, and start no other."""
        self._stopped.set()
        process = self._process
        if process is not None and process.pid is not None:
            process.kill()

    def _connected(self) -> Connection:
        if self._stopped.is_set():
            raise WorkerLost("the server goes away")
        if self._connection is not None and self._process is not None and self._process.is_alive():
            return self._connection
        self._end()
        ours, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=serve, args=(theirs,), name="bessline-detect", daemon=True)
        self._process.start()
        # held here, it would keep the pipe open when the process dies
        theirs.close()
        self._connection = ours
        if self._stopped.is_set():
            self._end()
            raise WorkerLost("the server goes away")
        return ours

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None
