"""Detection on demand: a body spooled to disk as it comes, a place in a short queue, and the process that does it."""

from __future__ import annotations

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from api.detection_worker import DetectionWorker, Outcome, Task

#: So many requests are inside at once, the one that is worked on included; one more is asked to come again.
MOST_INSIDE = 8
#: So long may a body take to arrive.
ARRIVAL_S = 300.0
_BLOCK = 1 << 20


class Refused(Exception):
    """The body is not taken; `status` and the message say why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Detection:
    """One a server.

    Parameters
    ----------
    folder: where bodies are spooled; None is the system's folder for temporary files.
    most_bytes: the largest body.
    """

    def __init__(self, folder: Path | None, *, most_bytes: int) -> None:
        self.worker = DetectionWorker()
        self._folder, self._most_bytes = folder, most_bytes
        # one thread that waits for the process, others that write; neither is the event loop or reads the store
        self._turn = ThreadPoolExecutor(1, thread_name_prefix="bessline-detect")
        self._writers = ThreadPoolExecutor(2, thread_name_prefix="bessline-spool")
        self._inside = 0

    async def outcome(self, parts: AsyncIterator[bytes], store: Path, *, length: int | None = None) -> Outcome:
        """What becomes of the body that comes in `parts`, `length` bytes if it says so.

        Raises
        ------
        Refused
            it is not even looked at.
        WorkerLost
            the process was lost over it.
        """
        if self._inside >= MOST_INSIDE:
            raise Refused(429, f"{MOST_INSIDE} requests wait already")
        if length is not None and length > self._most_bytes:
            raise self._too_large()
        self._inside += 1
        try:
            return await self._outcome(parts, store)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise Refused(507, "the disk on which bodies are spooled is full (BESSLINE_SPOOL)") from error
        finally:
            self._inside -= 1

    def stop(self) -> None:
        """End the process, and whatever it does."""
        self.worker.stop()
        self._turn.shutdown(wait=False, cancel_futures=True)
        self._writers.shutdown(wait=False, cancel_futures=True)

    async def _outcome(self, parts: AsyncIterator[bytes], store: Path) -> Outcome:
        loop = asyncio.get_running_loop()
        file = await loop.run_in_executor(self._writers, self._opened)
        try:
            try:
                async with asyncio.timeout(ARRIVAL_S):
                    await self._spool(parts, file)
            except TimeoutError:
                raise Refused(408, f"the body did not arrive within {ARRIVAL_S:.0f} s") from None
            return await loop.run_in_executor(self._turn, self.worker.run, Task(Path(file.name), store))
        finally:
            file.close()

    def _opened(self) -> IO[bytes]:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(prefix="bessline-detect-", dir=self._folder)

    async def _spool(self, parts: AsyncIterator[bytes], file: IO[bytes]) -> None:
        """Write the body to `file`, block by block, in a thread: it may be larger than what is free in memory."""
        loop, held, size = asyncio.get_running_loop(), bytearray(), 0
        async for part in parts:
            size += len(part)
            if size > self._most_bytes:
                raise self._too_large()
            held += part
            if len(held) >= _BLOCK:
                await loop.run_in_executor(self._writers, file.write, bytes(held))
                held.clear()
        await loop.run_in_executor(self._writers, _finish, file, bytes(held))

    def _too_large(self) -> Refused:
        limit = f"{self._most_bytes:,} bytes (BESSLINE_DETECT_BYTES)"
        return Refused(413, f"the body is larger than {limit}; send fewer rows")


def _finish(file: IO[bytes], rest: bytes) -> None:
    file.write(rest)
    file.flush()
