"""Ids of events. An id means: everything of this connection up to here was sent.

The sequence of an id is data time, not a counter, so the store itself can say what comes after any id: there is no
table of ids to keep, to lose or to outgrow.

Four things make a connection more than one line of time, and each has its place in the id:

- *Several topics at one data time.* What is due at one tick goes out as one batch, topic by topic in a fixed order.
  The last event of the batch carries the place that the batch ends at. Those before it say how far they are within it
  (`Amid`): so many topics are told up to its end, one up to a stamp, the others not since its beginning. So a break in
  the middle of a batch loses nothing and repeats nothing.
- *Topics that come in when they like.* Live input has no tick: the id says of each topic how far it is (`Spread`).
- *Devices on different clocks.* The id holds one place for each clock (`bessline.live.joint`).
- *What the analytics found.* It belongs to a moment, but may come after that moment's readings, or much later: the id
  says up to which finding all are told (`Told`), where that is not simply "those before its data time".
- *Another wish.* Which topic is the n-th depends on what was asked for; a mark of that wish stands beside n.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

#: 0001-01-01 and the last ms of 9999: what RFC 3339 can write.
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999
LONGEST = 128
_NAME = r"[A-Za-z0-9_-]{1,32}"
_NUMBER = r"(?:0|-?[1-9][0-9]{0,14})"
_COUNT = r"(?:0|[1-9][0-9]{0,8})"
_MARK = r"[0-9a-f]{4}"
_HEX = r"(?:0|-?[1-9a-f][0-9a-f]{0,12})"
_AMID = rf"{_NUMBER}\.{_COUNT}\.{_NUMBER}\.{_MARK}"
_SPREAD = rf"v{_HEX}(?:-{_HEX})+\.{_MARK}"
_TOLD = rf"t{_COUNT}(?:-{_HEX})?"
_LIVE = re.compile(
    rf"l\.({_NAME})\.({_NAME})\.({_COUNT})\.({_NUMBER})(?:\.({_AMID}|{_SPREAD}))?(?:\.({_TOLD}))?(\.end)?"
)
_REPLAY = re.compile(rf"r\.({_NAME})\.({_NUMBER})(?:\.t({_COUNT}))?(\.end)?")


class Amid(NamedTuple):
    """How far within a batch that ends at `upto_ms`: of the topics in the order of the wish marked `wish`, those before
    number `nth` are told up to `upto_ms`, that one up to `t_ms`, and the rest not since the batch began.
    """

    upto_ms: int
    nth: int
    t_ms: int
    wish: str


class Spread(NamedTuple):
    """How far each topic is, in the order of the wish marked `wish`: up to `levels` (ms). The least is the place."""

    levels: tuple[int, ...]
    wish: str

    def text(self) -> str:
        """As it stands in an id.

        >>> Spread((10, 26, 10), "00ff").text()
        'v0-10-0.00ff'
        """
        return f"v{'-'.join(f'{level - min(self.levels):x}' for level in self.levels)}.{self.wish}"


class Told(NamedTuple):
    """Of the findings in the order of the places (ms) at which they are told, and of their numbers: told up to this."""

    key_ms: int
    seq: int

    def text(self, t_ms: int) -> str:
        """As it stands in an id of data time `t_ms`.

        >>> Told(10, 7).text(10), Told(26, 7).text(10)
        ('t7', 't7-10')
        """
        return f"t{self.seq}" if self.key_ms == t_ms else f"t{self.seq}-{self.key_ms - t_ms:x}"


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
    amid: what was sent after that, where the id stands within a batch.
    told: up to which finding of the analytics all are told, where it is not (`t_ms`, 0): all before `t_ms`, none since.

    >>> str(LiveId("0a1b2c3d", "5e6f7a8b", 2, 1_714_521_600_000))
    'l.0a1b2c3d.5e6f7a8b.2.1714521600000'
    """

    store: str
    clock: str
    lap: int
    t_ms: int
    ended: bool = False
    amid: Amid | Spread | None = None
    told: Told | None = None

    def __str__(self) -> str:
        within = f".{self.amid.text()}" if isinstance(self.amid, Spread) else "".join(f".{n}" for n in self.amid or ())
        told = f".{self.told.text(self.t_ms)}" if self.told else ""
        text = f"l.{self.store}.{self.clock}.{self.lap}.{self.t_ms}{within}{told}{'.end' if self.ended else ''}"
        return text if _fits(text) else str(replace(self, amid=None))

    def at(self, t_ms: int, *, ended: bool = False) -> LiveId:
        """The id of another moment of the same lap. Findings told beyond it stay told."""
        told = self.told if self.told is not None and self.told.key_ms >= t_ms else None
        return LiveId(self.store, self.clock, self.lap, t_ms, ended, told=told)

    @property
    def findings(self) -> Told:
        """Up to which finding all are told."""
        return self.told or Told(self.t_ms, 0)

    def follows(self, earlier: LiveId) -> bool:
        """Whether all that came after `earlier` can be told: same store, clock and lap, and not from the future."""
        if (self.store, self.clock, self.lap) != (earlier.store, earlier.clock, earlier.lap):
            return False
        mine, its = self.amid, earlier.amid
        if isinstance(mine, Spread) and isinstance(its, Spread) and mine.wish == its.wish:
            return all(before <= now for before, now in zip(its.levels, mine.levels, strict=False))
        return max(earlier.t_ms, its.upto_ms if isinstance(its, Amid) else earlier.t_ms) <= self.t_ms

    def after_ms(self, index: int, wish: str) -> int:
        """Up to which stamp topic number `index` of the wish marked `wish` was sent.

        >>> amid = LiveId("s", "c", 0, 10, amid=Amid(20, 1, 13, "00ff"))
        >>> [amid.after_ms(index, "00ff") for index in (0, 1, 2)], amid.after_ms(0, "beef")
        ([20, 13, 10], 10)
        """
        if self.amid is None or self.amid.wish != wish:
            return self.t_ms
        if isinstance(self.amid, Spread):
            return self.amid.levels[index] if index < len(self.amid.levels) else self.t_ms
        if index > self.amid.nth:
            return self.t_ms
        return self.amid.upto_ms if index < self.amid.nth else self.amid.t_ms

    def on(self, clocks: Sequence[str]) -> tuple[LiveId, ...] | None:
        """The place on each of these clocks; None where they are not those of this id."""
        return (self,) if tuple(clocks) == (self.clock,) else None

    def is_whole(self) -> bool:
        """Whether what is within the batch fits the place."""
        if not is_time(self.findings.key_ms):
            return False
        if self.amid is None:
            return True
        if isinstance(self.amid, Spread):
            return min(self.amid.levels) == self.t_ms and all(map(is_time, self.amid.levels))
        upto_ms, index, t_ms, _ = self.amid
        return index >= 0 and self.t_ms <= t_ms <= upto_ms and is_time(upto_ms)


def _fits(text: str) -> bool:
    """Rather something is told again than the limit broken."""
    return len(text) <= LONGEST - (0 if text.endswith(".end") else len(".end"))


def wish_mark(names: Iterable[str]) -> str:
    """What tells one order of topics from another.

    >>> wish_mark(["b1/bms", "b1/pcs"])
    'dcc7'
    """
    return hashlib.blake2b("\x1f".join(names).encode(), digest_size=2).hexdigest()


@dataclass(frozen=True, slots=True)
class ReplayId:
    """A place in history: the data time `t_ms` (ms) of what was sent last, on any server with store `store`.

    `told`: the number of the last finding of that moment that was told.

    >>> str(ReplayId("0a1b2c3d", 1_714_521_600_000, ended=True))
    'r.0a1b2c3d.1714521600000.end'
    """

    store: str
    t_ms: int
    ended: bool = False
    told: int = 0

    def __str__(self) -> str:
        return f"r.{self.store}.{self.t_ms}{f'.t{self.told}' if self.told else ''}{'.end' if self.ended else ''}"


def parse_single(text: str) -> LiveId | ReplayId | None:
    """The id of a connection on one clock, or of a replay, written as `text`; None where it is neither."""
    if match := _LIVE.fullmatch(text):
        store, clock, lap, stamp, within, told, ended = match.groups()
        t_ms = int(stamp)
        amid = _within(within or "", t_ms)
        place = LiveId(store, clock, int(lap), t_ms, ended is not None, amid, _told(told, t_ms))
        return place if is_time(place.t_ms) and place.is_whole() else None
    if match := _REPLAY.fullmatch(text):
        store, stamp, told, ended = match.groups()
        return ReplayId(store, int(stamp), ended is not None, int(told or 0)) if is_time(int(stamp)) else None
    return None


def _told(text: str | None, t_ms: int) -> Told | None:
    if text is None:
        return None
    seq, _, ahead = text[1:].partition("-")
    return Told(t_ms + int(ahead or "0", 16), int(seq))


def _within(text: str, t_ms: int) -> Amid | Spread | None:
    if not text:
        return None
    if text.startswith("v"):
        levels, wish = text[1:].split(".")
        return Spread(tuple(t_ms + int(level, 16) for level in levels.split("-")), wish)
    upto_ms, nth, at_ms, wish = text.split(".")
    return Amid(int(upto_ms), int(nth), int(at_ms), wish)


def is_time(t_ms: int) -> bool:
    """Whether RFC 3339 can write it."""
    return FIRST_MS <= t_ms <= LAST_MS
