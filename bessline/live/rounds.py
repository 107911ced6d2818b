"""Rounds: carries a batch to all members of an audience, some at a time, so that nothing else waits for the last."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bessline.live.audience import Audience, Counts, Member
from bessline.live.frames import Batch

#: Members served in one go: about 2 ms.
SLICE = 250
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Round:
    batch: Batch
    members: list[Member]
    served: int = 0


class Rounds:
    """Serves batches in the order in which they come.

    Parameters
    ----------
    later: calls a function soon, after others had their turn.
    monotonic: seconds, to say when an audience got something.
    """

    def __init__(self, *, later: Callable[[Callable[[], None]], object], monotonic: Callable[[], float]) -> None:
        self.counts = Counts()
        self._later, self._monotonic = later, monotonic
        self._waiting: deque[_Round] = deque()

    def carry(self, batch: Batch, audience: Audience) -> None:
        """Give `batch` to all who are in step now."""
        audience.sent_at = self._monotonic()
        members = [member for member in audience.members if member.in_step]
        if not members:
            return
        idle = not self._waiting
        self._waiting.append(_Round(batch, members))
        if idle:
            self._go_on()

    def finish(self) -> None:
        """Serve all that wait, now."""
        while self._waiting:
            self._serve()

    def _go_on(self) -> None:
        if self._waiting:
            self._serve()
        if self._waiting:
            self._later(self._go_on)

    def _serve(self) -> None:
        """One slice."""
        left = SLICE
        while left > 0 and self._waiting:
            round_ = self._waiting[0]
            members = round_.members[round_.served : round_.served + left]
            self._give(round_.batch, members)
            round_.served += len(members)
            left -= len(members)
            if round_.served == len(round_.members):
                self._waiting.popleft()

    def _give(self, batch: Batch, members: list[Member]) -> None:
        given = 0
        for member in members:
            if not member.in_step:
                continue
            try:
                given += member.take(batch)
            except Exception:
                member.in_step = False
                logger.exception("a batch could not be given to a subscriber; the others go on")
        self.counts.sent += given * sum(1 for frame in batch.frames if frame.ident)
        self.counts.bytes += given * len(batch.body)
