"""Replay: a private walk through history, at a rate of its own. The pure timetable, and the walk that keeps to it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bessline.live.announcer import Announcer
from bessline.live.feed import Dated
from bessline.live.findings import LAST_SEQ, NO_LINE, Finding
from bessline.live.ids import Told
from bessline.managers import DataManager

BLOCK_ROWS = 200
#: As fast as the reader reads: so many readings at once, which cost one write.
BATCH_ROWS = 20
#: What the analytics found is read for so much data time (ms), and so many, at once.
FINDINGS_MS, FINDINGS = 6 * 3_600_000, 200


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a reading is due, in seconds after the first one.

    Parameters
    ----------
    interval_s: one reading per so many seconds, unless there is a speed.
    speed: multiple of data time; 0 is as fast as the reader reads.

    >>> Timetable(0.5).due_s(3, 90_000), Timetable(0.5, speed=60).due_s(3, 90_000), Timetable(0.5, speed=0).due_s(3, 9)
    (1.5, 1.5, 0.0)
    """

    interval_s: float
    speed: float | None = None

    def due_s(self, n: int, passed_ms: int) -> float:
        """For reading number `n` (from 0), whose stamp lies `passed_ms` after that of the first."""
        if self.speed is None:
            return n * self.interval_s
        return passed_ms / 1000 / self.speed if self.speed else 0.0


class Replay:
    """The readings of [start_ms, end_ms), at most `limit`, as `timetable` says. It ends early when `stop` is set.

    `place_ms` is the stamp of the last reading given, at first just before the start.
    """

    def __init__(
        self,
        manager: DataManager,
        device_id: str,
        *,
        fields: tuple[str, ...],
        start_ms: int,
        end_ms: int | None,
        limit: int | None,
        timetable: Timetable,
        stop: asyncio.Event,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.place_ms = start_ms - 1
        self.given = 0
        self._manager, self._device_id, self._fields = manager, device_id, fields
        self._end_ms, self._limit = end_ms, limit
        self._timetable, self._stop, self._monotonic = timetable, stop, monotonic
        self._began_s = self._first_ms = 0.0

    async def batches(self) -> AsyncIterator[list[Dated]]:
        """Readings that are due together, in order."""
        while not self._stop.is_set() and (block := await asyncio.to_thread(self._read)):
            if not self.given:
                self._began_s, self._first_ms = self._monotonic(), block[0][0]
            size = BATCH_ROWS if self._timetable.speed == 0 else 1
            for at in range(0, len(block), size):
                batch = block[at : at + size]
                if not await self._come(batch[0][0]):
                    return
                self.given, self.place_ms = self.given + len(batch), batch[-1][0]
                yield batch

    def _read(self) -> list[Dated]:
        left = BLOCK_ROWS if self._limit is None else min(BLOCK_ROWS, self._limit - self.given)
        if left <= 0:
            return []
        page = self._manager.page(
            self._device_id, start_ms=self.place_ms + 1, end_ms=self._end_ms, limit=left, fields=self._fields
        )
        return list(zip(page.t_ms.tolist(), page.rows(), strict=True))

    async def _come(self, t_ms: int) -> bool:
        """Wait until the reading at `t_ms` is due; False where the replay is to stop."""
        due_s = self._began_s + self._timetable.due_s(self.given, int(t_ms - self._first_ms))
        wait_s = due_s - self._monotonic()
        if wait_s > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), wait_s)
        return not self._stop.is_set()


class ReplayFindings:
    """What the analytics found of one device after `after`, in the order of data time, each once.

    An `announcer` of None finds nothing. `told` is the mark of the last one taken.
    """

    def __init__(self, announcer: Announcer | None, device_id: str, *, after: Told) -> None:
        self._announcer, self._device_id = announcer, device_id
        self._read = after
        self.told: Told | None = None
        self._waiting: deque[Finding] = deque()

    async def upto(self, t_ms: int) -> list[Finding]:
        """Take those up to a data time."""
        while self._announcer is not None and self._announcer.log is not None and self._read.key_ms < t_ms:
            await asyncio.to_thread(self._fill, self._announcer, t_ms)
        taken: list[Finding] = []
        while self._waiting and self._waiting[0].key_ms <= t_ms:
            taken.append(self._waiting.popleft())
            self.told = taken[-1].mark
        return taken

    def _fill(self, announcer: Announcer, t_ms: int) -> None:
        upto = Told(t_ms + FINDINGS_MS, LAST_SEQ)
        found = announcer.between((self._device_id,), self._read, upto, line=NO_LINE, limit=FINDINGS)
        self._waiting.extend(found)
        self._read = found[-1].mark if len(found) == FINDINGS else upto
