"""An audience: all subscribers who asked for the same. What is due is encoded once and they share the very bytes.

Who listens is at one of two places. A member *in step* has all up to `places` and gets every batch as it is made. One
that is not (it came back with an id, or was too slow) reads from the store what it misses, at its own pace, until it
stands at `places` too: nothing of it is kept here, so a frozen subscriber costs nothing but its socket.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bessline.live.findings import Finding
from bessline.live.frames import Batch, Encode, Frame, Piece
from bessline.live.ids import LiveId
from bessline.live.joint import JointId, joined
from bessline.live.section import Placed, Section
from bessline.live.series import Due, Series, Wish, merged_away
from bessline.times import rfc3339


class Member(Protocol):
    """A subscriber, as an audience knows it. `in_step` is set to False by whoever finds that it cannot take more."""

    in_step: bool

    def take(self, batch: Batch) -> bool:
        """Send it, or fall behind and say False. Must not block."""
        ...

    def watch(self, now_s: float, *, stall_s: float) -> None:
        """Break the connection off if it took nothing for `stall_s`."""
        ...

    def dismiss(self, event: str, data: Mapping[str, object], *, retry_ms: int) -> None:
        """Send a last event, with the id of where it really stands, and end the connection."""
        ...


@dataclass(slots=True)
class Counts:
    """What happened since the start, for the metrics. `sent` and `bytes` are summed over all subscribers."""

    published: int = 0
    encoded: int = 0
    sent: int = 0
    bytes: int = 0
    merged: int = 0
    dropped: int = 0
    behind: int = 0
    high_water_bytes: int = 0
    closed: dict[str, int] = field(default_factory=dict)

    def close(self, reason: str) -> None:
        """One connection less."""
        self.closed[reason] = self.closed.get(reason, 0) + 1


class Part(Protocol):
    """A channel as an audience sees it: where it stands, and how fast it goes."""

    base: LiveId
    ticks: float
    pace_s: float
    step_ms: int
    own_time: bool


@dataclass(frozen=True, slots=True)
class Manner:
    """How a subscriber wants it: one reading each `interval_s`; `named`: a reading's event is named by its topic;
    `analytics`: with what the analytics find.
    """

    interval_s: float
    named: bool = False
    analytics: bool = True


class Tools(Protocol):
    """What audiences share."""

    encode: Encode
    counts: Counts


class Audience:
    """All who want `wishes` in `manner`.

    Parameters
    ----------
    parts: the channel of each wish.
    """

    def __init__(self, wishes: Sequence[Wish], manner: Manner, *, parts: Sequence[Part], tools: Tools) -> None:
        self.wishes, self.manner = tuple(wishes), manner
        self.members: dict[Member, None] = {}
        self.sections: dict[str, Section] = {}
        self.sent_at = 0.0
        self._parts, self._tools = tuple(parts), tools
        self.regroup()

    @property
    def places(self) -> tuple[LiveId, ...]:
        """Where those stand who are in step."""
        return tuple(section.place for section in self.sections.values())

    @property
    def ident(self) -> str:
        """The id of that."""
        return str(joined(self.places))

    def regroup(self) -> None:
        """Order the wishes by the clocks that drive them now, each at the place where its clock stands."""
        by_clock: dict[str, list[tuple[Wish, Part]]] = {}
        for wish, part in zip(self.wishes, self._parts, strict=True):
            by_clock.setdefault(part.base.clock, []).append((wish, part))
        self.sections = {clock: self._section(pairs) for clock, pairs in sorted(by_clock.items())}
        self._series = {each.wish: (section, each) for section in self.sections.values() for each in section.series}

    def _section(self, pairs: Sequence[tuple[Wish, Part]]) -> Section:
        ks = [max(1, round(self.manner.interval_s / part.pace_s)) for _, part in pairs]
        finest = min(range(len(pairs)), key=lambda n: pairs[n][1].pace_s)
        every = 1 if ks[finest] == 1 else max(1, round(ks[finest] * pairs[finest][1].ticks))
        series = [Series(wish, k=k) for (wish, _), k in zip(pairs, ks, strict=True)]
        part = pairs[finest][1]
        place = max((part.base for _, part in pairs), key=lambda base: base.t_ms)
        levels = [part.base.t_ms for _, part in pairs] if part.own_time else None
        return Section(series, place=place, every=every, step_ms=part.step_ms, levels=levels)

    def add(self, wish: Wish, due: Due) -> None:
        """Readings that are due now."""
        self._series[wish][1].add(due)

    def gap(self, wish: Wish, now_ms: int, *, from_ms: int, to_ms: int | None) -> None:
        """A silence, told at the end of this tick."""
        section, series = self._series[wish]
        series.gap(now_ms, from_ms=from_ms, to_ms=to_ms)
        section.urgent = True

    def tell(self, clock: str, found: Sequence[Finding]) -> None:
        """What the analytics found, told at the end of this tick to who wants it."""
        if self.manner.analytics:
            for finding in found:
                self.sections[clock].tell(finding)

    def turn(self, clock: str, now_ms: int, *, force: bool = False) -> Batch | None:
        """The end of a tick of `clock`: what goes out now, if anything does."""
        section = self.sections[clock]
        if not force and not section.is_turn(now_ms):
            return None
        before = self.places
        placed = section.flush(now_ms)
        return self._batch(placed, before) if placed else None

    def reset(self, clock: str, base: LiveId) -> Batch:
        """The clock begins again at `base`. The place is before the first reading of the lap, which is not sent yet."""
        section, before = self.sections[clock], self.places
        if section.levels is None:
            section.place = base.at(base.t_ms - 1)
        return self._batch([(section.place, self.wishes[0], self.begins_again(section, base))], before)

    def begins_again(self, section: Section, base: LiveId) -> Piece:
        """What a `reset` says: whose topic it is, or on a stream of many which devices begin again."""
        from_here = {"lap": base.lap, "to": rfc3339(base.t_ms)}
        if self.manner.named:
            devices = list(dict.fromkeys(each.wish.device_id for each in section.series))
            return Piece("reset", base.t_ms - 1, {"devices": devices, **from_here})
        wish = self.wishes[0]
        return Piece("reset", base.t_ms - 1, {"device_id": wish.device_id, "topic": wish.topic, **from_here})

    def _batch(self, placed: Sequence[Placed], before: Sequence[LiveId]) -> Batch:
        counts = self._tools.counts
        counts.encoded += len(placed)
        counts.merged += merged_away(piece for _, _, piece in placed) * len(self.members)
        return self.batch(placed, before=before)

    def batch(self, placed: Sequence[Placed], *, before: Sequence[LiveId]) -> Batch:
        """Encode what a connection that stands at `before` gets next."""
        frames = [self._frame(place, wish, piece, before=before) for place, wish, piece in placed]
        return Batch(frames, before=before)

    def _frame(self, place: LiveId, wish: Wish, piece: Piece, *, before: Sequence[LiveId]) -> Frame:
        ident = str(at(before, place))
        reading = piece.event is None
        name = wish.topic if reading and self.manner.named else piece.event
        return Frame(self._tools.encode(name, ident, piece.data), ident, reading)


def at(places: Sequence[LiveId], place: LiveId) -> LiveId | JointId:
    """The id of a connection at `places`, moved to `place` on the clock of that."""
    return joined([place if other.clock == place.clock else other for other in places])


def ended(ident: str) -> str:
    """The id of an `end` that follows the event `ident`."""
    return ident if ident.endswith(".end") else f"{ident}.end"
