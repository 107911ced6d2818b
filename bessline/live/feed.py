"""A feed: the readings of one topic of one device, read ahead in threads so that a tick never waits for a disk."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from bessline.live.merge import Row
from bessline.managers import DataManager

#: Rows read at once; the next block is asked for when half of it is used, so memory stays within one and a half.
BLOCK_ROWS = 512
#: A feed that could not be read is tried again after this long.
RETRY_S = 10.0

Dated = tuple[int, Row]
T = TypeVar("T")
logger = logging.getLogger(__name__)


class Run(Protocol):
    """Runs a blocking function in a thread."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]: ...


class Known(Protocol):
    """What is known of a topic, whatever drives it: its last reading, and how long (ms) it may be silent."""

    newest: Dated | None

    @property
    def tolerance_ms(self) -> float: ...


class Feed:
    """Readings after a given data time, in order.

    `newest` is the last reading at or before now: (stamp in ms, row). `told_silent`: a gap was announced,
    and no reading came since.
    """

    def __init__(
        self, manager: DataManager, device_id: str, *, run: Run, monotonic: Callable[[], float] = time.monotonic
    ):
        timeline = manager.timeline(device_id)
        self.device_id, self.topic, self.fields = device_id, manager.topic, manager.fields
        self.start_ms, self.end_ms, self.period_ms = timeline.start_ms, timeline.end_ms, timeline.period_s * 1000
        self.newest: Dated | None = None
        self.told_silent = False
        self._manager, self._run, self._monotonic = manager, run, monotonic
        self._rows: deque[Dated] = deque()
        self._next_ms = self.start_ms
        self._over = False
        self._failed_at: float | None = None
        self._block: asyncio.Task[None] | None = None

    @property
    def tolerance_ms(self) -> float:
        """A source silent for longer has a gap."""
        return 3 * self.period_ms

    @property
    def broken(self) -> bool:
        """Whether it cannot be read at the moment, so that nobody knows what comes next."""
        return self._failed_at is not None and not self._rows

    def again(self) -> Feed:
        """A feed of the same readings that stands nowhere yet."""
        return Feed(self._manager, self.device_id, run=self._run, monotonic=self._monotonic)

    async def open(self, now_ms: int) -> None:
        """Stand at data time `now_ms`: readings up to it are past, `newest` is the last of them."""
        self._next_ms, self._over, self.newest = now_ms + 1, False, None
        self._rows.clear()
        try:
            self.newest = await self._run(lambda: self._newest(now_ms))
        except Exception:
            logger.exception("%s of %s cannot be read", self.topic, self.device_id)
            self._failed_at = self._monotonic()
        await self.ready()

    async def ready(self) -> None:
        """Wait until the next reading is known, and read ahead."""
        if self._block is None and not self._over and len(self._rows) <= BLOCK_ROWS // 2 and self._may_try():
            self._block = asyncio.create_task(self._read_ahead())
        if not self._rows and self._block is not None:
            await asyncio.shield(self._block)

    def peek(self) -> int | None:
        """Stamp of the next reading (ms), None where there is none or it is not known; call `ready` before."""
        return self._rows[0][0] if self._rows else None

    def due(self, now_ms: int) -> list[Dated]:
        """Take the readings up to `now_ms`."""
        found: list[Dated] = []
        while self._rows and self._rows[0][0] <= now_ms:
            found.append(self._rows.popleft())
        if found:
            self.newest, self.told_silent = found[-1], False
        return found

    def close(self) -> None:
        """Stop reading ahead."""
        if self._block is not None:
            self._block.cancel()

    def _may_try(self) -> bool:
        return self._failed_at is None or self._monotonic() - self._failed_at >= RETRY_S

    async def _read_ahead(self) -> None:
        try:
            rows = await self._run(self._next_block)
        except Exception:
            logger.exception("%s of %s cannot be read", self.topic, self.device_id)
            self._failed_at = self._monotonic()
        else:
            self._failed_at = None
            self._over = not rows
            if rows:
                self._rows.extend(rows)
                self._next_ms = rows[-1][0] + 1
        finally:
            self._block = None

    def _next_block(self) -> list[Dated]:
        readings = self._manager.page(self.device_id, start_ms=self._next_ms, limit=BLOCK_ROWS)
        return list(zip(readings.t_ms.tolist(), readings.rows(), strict=True))

    def _newest(self, now_ms: int) -> Dated | None:
        readings = self._manager.newest(self.device_id, at_ms=now_ms)
        return (int(readings.t_ms[0]), readings.rows()[0]) if len(readings) else None
