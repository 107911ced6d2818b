"""A seat: what a subscriber of a live stream holds, and the times that rule over it."""

from __future__ import annotations

from dataclasses import dataclass

from bessline.live.feed import Dated
from bessline.live.frames import Frame, Renderer
from bessline.live.hub import RateClass
from bessline.live.ids import LiveId
from bessline.live.mailbox import Mailbox
from bessline.live.resume import CatchUp, Missing


@dataclass(frozen=True, slots=True)
class Pace:
    """The times of a player, in seconds.

    `interval_s`: one tick of every clock. `start_ms`: an explicit start of the live clocks (data time). `ahead_s`: for
    how long a place is reserved ahead. `heartbeat_s`: silence on a connection before a comment. `stall_s`: how long a
    subscriber may take nothing. `refresh_s`: how often the store is asked for news. `drain_s`: for how long leaving
    subscribers are waited for. `bye_retry_ms`: when they may come back, at random between the two.
    """

    interval_s: float = 1.0
    start_ms: int | None = None
    ahead_s: float = 10.0
    heartbeat_s: float = 15.0
    stall_s: float = 30.0
    refresh_s: float = 2.0
    drain_s: float = 0.8
    bye_retry_ms: tuple[int, int] = (500, 5000)


@dataclass(frozen=True, slots=True)
class Seat:
    """A subscriber's place: its mailbox, and where the stream stood when it was taken.

    Everything up to `position` is in the store, `newest` being the last of it; everything after it comes into
    `mailbox`: nothing is missed between the two, and nothing comes twice.
    """

    rate: RateClass
    mailbox: Mailbox
    position: LiveId
    newest: Dated | None
    render: Renderer
    period_ms: float
    tolerance_ms: float

    def take(self) -> list[Frame]:
        """What waits in the mailbox."""
        return self.mailbox.take(amid=self.rate.merge.count > 0)

    def catch_up(self, span: Missing) -> CatchUp:
        """What makes frames of the readings in `span`, at the rate of this seat."""
        return CatchUp(
            self.render,
            k=self.rate.k,
            after_ms=span.after_ms,
            period_ms=self.period_ms,
            tolerance_ms=self.tolerance_ms,
        )
