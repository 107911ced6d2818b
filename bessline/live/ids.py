"""Ids of events. An id means: everything of this connection up to here was sent.

The sequence of an id is data time, not a counter, so the store itself can say what comes after any id: there is no
table of ids to keep, to lose or to outgrow.

Four things make a connection more than one line of time, and each has its place in the id:

- *Several topics at one data time.* What is due at one tick goes out as one batch, topic by topic in a fixed order.
  The last event of the batch carries the place that the batch ends at. Those before it say how far they are within it
  (`Amid`): so many topics are told up to its end, one up to a stamp, the others not since its beginning. So a break in
  the middle of a batch loses nothing and repeats nothing.
- *Topics that come in when they like.* Live input has no tick: the id says of each topic how far it is (`Spread`).
- *Devices on different clocks.* The id holds one place for each clock (`JointId`).
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
#: More places than this may not fit into an id.
MOST_CLOCKS = 4
_NAMED = 5
_NAME = r"[A-Za-z0-9_-]{1,32}"
_NUMBER = r"(?:0|-?[1-9][0-9]{0,14})"
_COUNT = r"(?:0|[1-9][0-9]{0,8})"
_MARK = r"[0-9a-f]{4}"
_HEX = r"(?:0|-?[1-9a-f][0-9a-f]{0,12})"
_AMID = rf"{_NUMBER}\.{_COUNT}\.{_NUMBER}\.{_MARK}"
_SPREAD = rf"v{_HEX}(?:-{_HEX})+\.{_MARK}"
_LIVE = re.compile(rf"l\.({_NAME})\.({_NAME})\.({_COUNT})\.({_NUMBER})(?:\.({_AMID}|{_SPREAD}))?(\.end)?")
_REPLAY = re.compile(rf"r\.({_NAME})\.({_NUMBER})(\.end)?")
_PLACE = rf"[A-Za-z0-9-]{{1,{_NAMED}}}\.{_HEX}\.{_HEX}(?:\.{_HEX}\.{_HEX}\.{_HEX}\.{_MARK}|\.{_SPREAD})?"
_JOINT = re.compile(rf"j\.({_NAME})\.({_PLACE}(?:_{_PLACE})*)(\.end)?")


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

    >>> str(LiveId("0a1b2c3d", "5e6f7a8b", 2, 1_714_521_600_000))
    'l.0a1b2c3d.5e6f7a8b.2.1714521600000'
    """

    store: str
    clock: str
    lap: int
    t_ms: int
    ended: bool = False
    amid: Amid | Spread | None = None

    def __str__(self) -> str:
        within = f".{self.amid.text()}" if isinstance(self.amid, Spread) else "".join(f".{n}" for n in self.amid or ())
        text = f"l.{self.store}.{self.clock}.{self.lap}.{self.t_ms}{within}{'.end' if self.ended else ''}"
        return text if _fits(text) else str(replace(self, amid=None))

    def at(self, t_ms: int, *, ended: bool = False) -> LiveId:
        """The id of another moment of the same lap."""
        return LiveId(self.store, self.clock, self.lap, t_ms, ended)

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

    def of(self, clock: str) -> LiveId | None:
        """The place on `clock`, if this id holds one."""
        return self if self.clock == clock else None


@dataclass(frozen=True, slots=True)
class JointId:
    """One place for each of several clocks of a store. Read back, the places know but the beginning of their clock.

    >>> str(JointId((LiveId("5708e001", "aaaabbbb", 0, 255), LiveId("5708e001", "ccccdddd", 16, 4096))))
    'j.5708e001.aaaab.0.ff_ccccd.10.1000'
    """

    places: tuple[LiveId, ...]
    ended: bool = False

    def __str__(self) -> str:
        text = self._text(self.places)
        return text if _fits(text) else self._text(replace(place, amid=None) for place in self.places)

    def _text(self, places: Iterable[LiveId]) -> str:
        return f"j.{self.places[0].store}.{'_'.join(map(_short, places))}{'.end' if self.ended else ''}"

    def of(self, clock: str) -> LiveId | None:
        """The place on `clock`; None where there is none, or more than one could be meant."""
        found = [place for place in self.places if place.clock[:_NAMED] == clock[:_NAMED]]
        return replace(found[0], clock=clock) if len(found) == 1 else None


def _fits(text: str) -> bool:
    """Rather something is told again than the limit broken; without `amid`, no id of MOST_CLOCKS clocks breaks it."""
    return len(text) <= LONGEST - (0 if text.endswith(".end") else len(".end"))


def _short(place: LiveId) -> str:
    within = ""
    if isinstance(place.amid, Spread):
        within = f".{place.amid.text()}"
    elif place.amid is not None:
        upto_ms, nth, t_ms, wish = place.amid
        within = f".{upto_ms - place.t_ms:x}.{nth:x}.{t_ms - place.t_ms:x}.{wish}"
    return f"{place.clock[:_NAMED]}.{place.lap:x}.{place.t_ms:x}{within}"


def joined(places: Sequence[LiveId]) -> LiveId | JointId:
    """The id of a connection that stands at `places`, one for each of its clocks."""
    return places[0] if len(places) == 1 else JointId(tuple(places))


def wish_mark(names: Iterable[str]) -> str:
    """What tells one order of topics from another.

    >>> wish_mark(["b1/bms", "b1/pcs"])
    'dcc7'
    """
    return hashlib.blake2b("\x1f".join(names).encode(), digest_size=2).hexdigest()


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


Id = LiveId | JointId | ReplayId


def parse(text: str) -> Id | None:
    """The id written as `text`, or ``None`` where it is none of ours.

    >>> parse("r.0a1b2c3d.1714521600000"), parse("42"), parse("")
    (ReplayId(store='0a1b2c3d', t_ms=1714521600000, ended=False), None, None)
    """
    if len(text) > LONGEST:
        return None
    if match := _LIVE.fullmatch(text):
        store, clock, lap, t_ms, within, ended = match.groups()
        return _checked(LiveId(store, clock, int(lap), int(t_ms), ended is not None, _within(within or "", int(t_ms))))
    if match := _REPLAY.fullmatch(text):
        store, t_ms, ended = match.groups()
        return ReplayId(store, int(t_ms), ended is not None) if _is_time(int(t_ms)) else None
    if match := _JOINT.fullmatch(text):
        store, places, ended = match.groups()
        found = [_checked(_long(store, place)) for place in places.split("_")]
        whole = tuple(place for place in found if place is not None)
        return JointId(whole, ended is not None) if len(whole) == len(found) > 1 else None
    return None


def _within(text: str, t_ms: int) -> Amid | Spread | None:
    if not text:
        return None
    if text.startswith("v"):
        levels, wish = text[1:].split(".")
        return Spread(tuple(t_ms + int(level, 16) for level in levels.split("-")), wish)
    upto_ms, nth, at_ms, wish = text.split(".")
    return Amid(int(upto_ms), int(nth), int(at_ms), wish)


def _long(store: str, text: str) -> LiveId:
    clock, lap, t_ms, *within = text.split(".")
    place = LiveId(store, clock, int(lap, 16), int(t_ms, 16))
    if not within:
        return place
    if within[0].startswith("v"):
        return replace(place, amid=_within(".".join(within), place.t_ms))
    upto, index, at = (int(part, 16) for part in within[:3])
    return replace(place, amid=Amid(place.t_ms + upto, index, place.t_ms + at, within[3]))


def _checked(place: LiveId) -> LiveId | None:
    if place.lap < 0 or not _is_time(place.t_ms):
        return None
    if place.amid is None:
        return place
    if isinstance(place.amid, Spread):
        return place if min(place.amid.levels) == place.t_ms and all(map(_is_time, place.amid.levels)) else None
    upto_ms, index, t_ms, _ = place.amid
    return place if index >= 0 and place.t_ms <= t_ms <= upto_ms and _is_time(upto_ms) else None


def _is_time(t_ms: int) -> bool:
    return FIRST_MS <= t_ms <= LAST_MS
