"""A subscriber's mailbox: bounded, and never in the way of anybody else.

The written policy. Readings wait as shared bytes up to `SOFT_BYTES`; beyond that they are merged into one, the newest
of those that were not taken, with `merged` and `window`. Events that must not be merged (gap, reset) wait on, each
after the readings before it. At `HARD_BYTES` the mailbox closes: what it holds is still delivered, and the client that
comes back with the id of the last event gets the rest from the store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bessline.live.frames import Frame, Renderer
from bessline.live.merge import Merge, Row

SOFT_BYTES = 64 * 1024
HARD_BYTES = 2 * SOFT_BYTES


@dataclass(slots=True)
class Counts:
    """What happened since the start, for the metrics."""

    published: int = 0
    sent: int = 0
    merged: int = 0
    dropped: int = 0
    encoded: int = 0
    high_water_bytes: int = 0
    closed: dict[str, int] = field(default_factory=dict)


class Mailbox:
    """What waits for one subscriber.

    Parameters
    ----------
    wake: called whenever there is something to take, or it is closed. It must not block.
    render: makes the frame of readings that were merged for this subscriber alone.

    `apart` are readings that this subscriber gets in another grouping than the rest of its rate class: because it
    joined (or caught up) amid a merge of the class, or because it is `slow`. `served_at` (and `sending_since`, while a
    write is under way) are monotonic seconds that the shell sets; `stop` is how it breaks off a write.
    """

    __slots__ = (
        "_frames",
        "apart",
        "bytes",
        "closed",
        "counts",
        "render",
        "sending_since",
        "served_at",
        "slow",
        "stop",
        "wake",
    )

    def __init__(self, render: Renderer, *, wake: Callable[[], None], counts: Counts, now_s: float) -> None:
        self.render, self.wake, self.counts = render, wake, counts
        self._frames: deque[Frame] = deque()
        self.bytes = 0
        self.apart: Merge | None = None
        self.slow = False
        self.closed: str | None = None
        self.served_at = now_s
        self.sending_since: float | None = None
        self.stop: Callable[[], object] | None = None

    def offer(self, frame: Frame, t_ms: int, row: Row) -> None:
        """A reading; `frame` is its shared bytes."""
        if self.slow and self.apart is not None:
            self._hold(t_ms, row)
        elif self.bytes + len(frame.body) > SOFT_BYTES:
            self.slow, self.apart = True, Merge(self.render.fields)
            self._hold(t_ms, row)
        else:
            self.put(frame)

    def offer_merged(self, frame: Frame, merge: Merge) -> None:
        """The merged reading of the rate class, at the class's turn; `frame` is its shared bytes."""
        if self.slow:
            return
        if self.apart is not None:
            mine, self.apart = self.apart, None
            if mine.count:
                self.put(self.render.merged(mine))
        elif self.bytes + len(frame.body) > SOFT_BYTES:
            self.slow, self.apart = True, merge.copy()
        else:
            self.put(frame)

    def insist(self, frame: Frame) -> None:
        """An event that must not be merged: it goes after all readings before it."""
        self.settle()
        self.put(frame)

    def settle(self) -> None:
        """Append what was merged because of slowness, so that something may stand after it."""
        if self.slow and self.apart is not None and self.apart.count:
            self.put(self.render.merged(self.apart))
            self.apart = Merge(self.render.fields)

    def put(self, frame: Frame) -> None:
        """Append, whatever the soft limit says."""
        if self.closed is not None:
            self.counts.dropped += 1
            return
        self._frames.append(frame)
        self.bytes += len(frame.body)
        if self.bytes > self.counts.high_water_bytes:
            self.counts.high_water_bytes = self.bytes
        if self.bytes > HARD_BYTES:
            self.close("overflow")
        self.wake()

    def take(self, *, amid: bool = False) -> list[Frame]:
        """All that waits, in order. `amid`: the rate class holds readings that the last frame of this list covers."""
        frames = list(self._frames)
        self._frames.clear()
        self.bytes = 0
        if self.slow and self.apart is not None and self.closed is None:
            if self.apart.count:
                frames.append(self.render.merged(self.apart))
            self.slow, self.apart = False, Merge(self.render.fields) if amid else None
        self.counts.sent += len(frames)
        return frames

    def close(self, reason: str) -> None:
        """Take nothing more in; what waits may still be taken. The first reason counts."""
        if self.closed is None:
            self.closed = reason
            self.counts.closed[reason] = self.counts.closed.get(reason, 0) + 1
            self.wake()

    def _hold(self, t_ms: int, row: Row) -> None:
        assert self.apart is not None
        self.apart.add(t_ms, row)
        self.counts.merged += 1
