"""Ids of connections on several clocks: one place for each of them, in the 128 bytes that an id may have.

The places are written as steps from the earliest of them, in the longest unit (a power of ten of ms) that they all are
multiples of. Where even that is too long, first goes what is within a batch and what the analytics found, then the unit
grows and places are rounded down: who comes back hears something again rather than the limit broken or anything lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bessline.live.ids import LONGEST, Amid, LiveId, Spread, Told, is_time

#: More clocks than this may not fit, even rounded.
MOST_CLOCKS = 24
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_UNIT = 12
_N = r"(?:0|[1-9a-z][0-9a-z]{0,11})"
_MARK = r"[0-9a-f]{4}"
_TOLD = rf"(?:([TU])({_N})(?:-({_N}))?)?"
_PLACE = re.compile(
    rf"({_N})(?:\.({_N}))?(?:\.({_N})\.({_N})\.({_N})\.({_MARK})|\.v({_N}(?:-{_N})+)\.({_MARK}))?{_TOLD}"
)
_JOINT = re.compile(rf"j\.([A-Za-z0-9_-]{{1,32}})\.({_MARK})\.([0-9a-c])\.(-?{_N})\.([0-9a-zTU._-]+?)(\.end)?")


@dataclass(frozen=True, slots=True)
class JointId:
    """One place for each of several clocks of a store, in the order of their names.

    `mark` tells these clocks from any others. Read back, the places do not know their clocks: `on` names them.

    >>> joint = joined([LiveId("5708e001", "aaaabbbb", 0, 60_000), LiveId("5708e001", "ccccdddd", 16, 90_000)])
    >>> str(joint)
    'j.5708e001.f2b0.4.6.0_3.g'
    """

    places: tuple[LiveId, ...]
    mark: str
    ended: bool = False

    def __str__(self) -> str:
        bare = tuple(_bare(place) for place in self.places)
        shorter = ((bare, unit) for unit in range(_unit(bare), _LONGEST_UNIT + 1))
        for places, unit in [(self.places, _unit(self.places)), *shorter]:
            rounded = [_rounded(place, unit) for place in places]
            text = self._text(rounded, _unit(rounded))
            if len(text) <= LONGEST - (0 if self.ended else len(".end")):
                return text
        # laps beyond counting: no id of ours, so who comes back with it is told to begin anew
        return f"j.{self.places[0].store}.far"

    def _text(self, places: Sequence[LiveId], unit: int) -> str:
        base = min(place.t_ms for place in places) // 10**unit
        steps = "_".join(_step(place, unit, base) for place in places)
        sign = "-" if base < 0 else ""
        end = ".end" if self.ended else ""
        return f"j.{places[0].store}.{self.mark}.{unit:x}.{sign}{_base36(abs(base))}.{steps}{end}"

    def on(self, clocks: Sequence[str]) -> tuple[LiveId, ...] | None:
        """The places on these clocks, in their order; None where they are not those of this id."""
        if len(clocks) != len(self.places) or _mark(tuple(clocks)) != self.mark:
            return None
        return tuple(replace(place, clock=clock) for place, clock in zip(self.places, clocks, strict=True))


def joined(places: Sequence[LiveId]) -> LiveId | JointId:
    """The id of a connection that stands at `places`, one for each of its clocks, in the order of their names."""
    return places[0] if len(places) == 1 else JointId(tuple(places), _mark(tuple(place.clock for place in places)))


def parse_joint(text: str) -> JointId | None:
    """The id written as `text`, or None where it is none, or not as we write it."""
    match = _JOINT.fullmatch(text)
    if match is None:
        return None
    store, mark, unit, base, steps, ended = match.groups()
    found = [_place(store, step, unit=int(unit, 16), base=int(base, 36)) for step in steps.split("_")]
    places = tuple(place for place in found if place is not None)
    if not 1 < len(places) == len(found):
        return None
    joint = JointId(places, mark, ended is not None)
    return joint if str(joint) == text else None


@lru_cache(maxsize=4096)
def _mark(clocks: tuple[str, ...]) -> str:
    return hashlib.blake2b("\x1f".join(clocks).encode(), digest_size=2).hexdigest()


def _unit(places: Iterable[LiveId]) -> int:
    """The longest power of ten of ms that all these places are multiples of."""
    times = [place.t_ms for place in places]
    return next((n for n in range(_LONGEST_UNIT, 0, -1) if not any(t_ms % 10**n for t_ms in times)), 0)


def _rounded(place: LiveId, unit: int) -> LiveId:
    t_ms = place.t_ms // 10**unit * 10**unit
    return place if t_ms == place.t_ms else replace(place, t_ms=t_ms, amid=None, told=None)


def _bare(place: LiveId) -> LiveId:
    """At or before the place, and all that is behind it is still to be told."""
    return replace(place, t_ms=min(place.t_ms, place.findings.key_ms), amid=None, told=None)


def _step(place: LiveId, unit: int, base: int) -> str:
    within = ""
    if isinstance(place.amid, Spread) and len(set(place.amid.levels)) > 1:
        levels = "-".join(_base36(level - place.t_ms) for level in place.amid.levels)
        within = f".v{levels}.{place.amid.wish}"
    elif isinstance(place.amid, Amid):
        upto_ms, nth, t_ms, wish = place.amid
        within = f".{_base36(upto_ms - place.t_ms)}.{_base36(nth)}.{_base36(t_ms - place.t_ms)}.{wish}"
    lap = f".{_base36(place.lap)}" if place.lap or within else ""
    return f"{_base36(place.t_ms // 10**unit - base)}{lap}{within}{_told(place)}"


def _told(place: LiveId) -> str:
    if place.told is None:
        return ""
    ahead_ms = place.told.key_ms - place.t_ms
    seq = f"{'U' if ahead_ms < 0 else 'T'}{_base36(place.told.seq)}"
    return f"{seq}-{_base36(abs(ahead_ms))}" if ahead_ms else seq


def _place(store: str, text: str, *, unit: int, base: int) -> LiveId | None:
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    step, lap, upto, nth, at, wish, levels, levels_wish, way, seq, ahead = match.groups()
    place = LiveId(store, "", int(lap or "0", 36), (base + int(step, 36)) * 10**unit)
    if wish is not None:
        amid = Amid(place.t_ms + int(upto, 36), int(nth, 36), place.t_ms + int(at, 36), wish)
        place = replace(place, amid=amid)
    if levels is not None:
        spread = Spread(tuple(place.t_ms + int(level, 36) for level in levels.split("-")), levels_wish)
        place = replace(place, amid=spread)
    if way is not None:
        ahead_ms = int(ahead or "0", 36) * (-1 if way == "U" else 1)
        place = replace(place, told=Told(place.t_ms + ahead_ms, int(seq, 36)))
    return place if is_time(place.t_ms) and place.is_whole() else None


def _base36(number: int) -> str:
    text = ""
    while number >= 36:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return _DIGITS[number] + text
