"""Ids of events. An id means: everything of this connection up to here was sent.

The sequence of an id is data time, not a counter, so the store itself can say what comes after any id: there is no
table of ids to keep, to lose or to outgrow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: 0001-01-01 and the last ms of 9999: what RFC 3339 can write.
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999
_NUMBER = r"(?:0|-?[1-9][0-9]{0,14})"
_LIVE = re.compile(rf"l\.([A-Za-z0-9_-]{{1,32}})\.([A-Za-z0-9_-]{{1,32}})\.(0|[1-9][0-9]{{0,8}})\.({_NUMBER})(\.end)?")
_REPLAY = re.compile(rf"r\.([A-Za-z0-9_-]{{1,32}})\.({_NUMBER})(\.end)?")


@dataclass(frozen=True, slots=True)
class LiveId:
    """A place in what a clock sent.

    Parameters
    ----------
    store: id of the store.
    clock: name of the clock among those of the store.
    lap: how often the clock began again before.
    t_ms: data time in ms: every reading of the lap with a stamp up to it was sent. Grows within a lap.
    ended: the connection ended on purpose with this event; who comes back with it wants nothing more.

    >>> str(LiveId("0a1b2c3d", "5e6f7a8b", 2, 1_714_521_600_000))
    'l.0a1b2c3d.5e6f7a8b.2.1714521600000'
    """

    store: str
    clock: str
    lap: int
    t_ms: int
    ended: bool = False

    def __str__(self) -> str:
        return f"l.{self.store}.{self.clock}.{self.lap}.{self.t_ms}{'.end' if self.ended else ''}"

    def at(self, t_ms: int, *, ended: bool = False) -> LiveId:
        """The id of another moment of the same lap."""
        return LiveId(self.store, self.clock, self.lap, t_ms, ended)

    def follows(self, earlier: LiveId) -> bool:
        """Whether all that came after `earlier` can be told: same store, clock and lap, and not from the future."""
        same = (self.store, self.clock, self.lap) == (earlier.store, earlier.clock, earlier.lap)
        return same and earlier.t_ms <= self.t_ms


@dataclass(frozen=True, slots=True)
class ReplayId:
    """A place in history: the data time `t_ms` (ms) of the last reading sent, on any server with store `store`.

    >>> str(ReplayId("0a1b2c3d", 1_714_521_600_000, ended=True))
    'r.0a1b2c3d.1714521600000.end'
    """

    store: str
    t_ms: int
    ended: bool = False

    def __str__(self) -> str:
        return f"r.{self.store}.{self.t_ms}{'.end' if self.ended else ''}"


def parse(text: str) -> LiveId | ReplayId | None:
    """The id written as `text`, or ``None`` where it is none of ours.

    >>> parse("r.0a1b2c3d.1714521600000"), parse("42"), parse("")
    (ReplayId(store='0a1b2c3d', t_ms=1714521600000, ended=False), None, None)
    """
    if match := _LIVE.fullmatch(text):
        store, clock, lap, t_ms, ended = match.groups()
        return LiveId(store, clock, int(lap), int(t_ms), ended is not None) if _is_time(int(t_ms)) else None
    if match := _REPLAY.fullmatch(text):
        store, t_ms, ended = match.groups()
        return ReplayId(store, int(t_ms), ended is not None) if _is_time(int(t_ms)) else None
    return None


def _is_time(t_ms: int) -> bool:
    return FIRST_MS <= t_ms <= LAST_MS
