"""Resume: what to tell a client that comes back with an id, and the readings it missed, each once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bessline.live.findings import Finding
from bessline.live.ident import Id
from bessline.live.ids import Amid, LiveId, ReplayId
from bessline.live.merge import Row
from bessline.live.section import Placed, Section
from bessline.live.series import Wish
from bessline.times import rfc3339

#: So many missed readings are caught up in the stream; more are named, for history to fetch.
CATCH_UP_ROWS = 10_000
#: And so many findings of the analytics; what lies behind them is named by a `gap`.
CATCH_UP_FINDINGS = 500
Status = Literal["exact", "gap", "reset"]


@dataclass(frozen=True, slots=True)
class Missing:
    """The readings in (after_ms, upto_ms] were not sent."""

    after_ms: int
    upto_ms: int

    @property
    def half_open(self) -> tuple[int, int]:
        """The same as [start, end) in ms: what history takes."""
        return self.after_ms + 1, self.upto_ms + 1


def starts(last: Id | None, places: Sequence[LiveId]) -> tuple[LiveId, ...] | None:
    """From where a client whose last id is `last` goes on, when the stream stands at `places`: one for each clock.

    None where that cannot be told: no id of ours, another store or other clocks, another lap, or later than now.

    >>> starts(LiveId("s", "c", 0, 10), [LiveId("s", "c", 0, 30)])
    (LiveId(store='s', clock='c', lap=0, t_ms=10, ended=False, amid=None, told=None),)
    >>> starts(LiveId("s", "c", 0, 10), [LiveId("s", "c", 1, 30)]) is None
    True
    """
    if last is None or isinstance(last, ReplayId):
        return None
    found = last.on([place.clock for place in places])
    if found is None or not all(place.follows(start) for place, start in zip(places, found, strict=True)):
        return None
    return tuple(replace(start, ended=False) for start in found)


def missing(section: Section, start: LiveId) -> list[tuple[Wish, Missing]]:
    """What of each topic of `section` lies between `start` and where the section stands."""
    return [
        (series.wish, Missing(start.after_ms(index, section.mark), section.upto_ms(index)))
        for index, series in enumerate(section.series)
    ]


def told(
    status: Status, *, missed: int = 0, span: Missing | None = None, history: str | list[str] | None = None
) -> dict[str, object]:
    """The data of a `resume` event."""
    start = None if span is None else rfc3339(span.after_ms)
    end = None if span is None else rfc3339(span.upto_ms)
    return {"status": status, "missed": missed, "from": start, "to": end, "history": history}


class CatchUp:
    """Batches of missed readings of a section, merged like live ones: at the same places of data time.

    Parameters
    ----------
    twin: an empty section like the one that the client caught up with, at the place of its id.
    start: that id.
    tolerance_ms: of each topic; a longer step between two of its readings gives a `gap` event.
    squash: merge all into one reading a topic, for who was too slow.
    """

    def __init__(self, twin: Section, start: LiveId, *, tolerance_ms: Sequence[float], squash: bool = False) -> None:
        self._twin, self._tolerance_ms, self._squash = twin, tolerance_ms, squash
        self._last_ms = [start.after_ms(index, twin.mark) for index in range(len(twin.series))]
        # what was begun before the break ends where it would have ended, so that its ids go on
        amid = start.amid if isinstance(start.amid, Amid) else None
        self._end_ms = amid.upto_ms if amid and amid.wish == twin.mark else None
        self._begun = self._end_ms is not None
        self._found: deque[Finding] = deque()

    def find(self, found: Sequence[Finding]) -> None:
        """What the analytics found meanwhile, in the order of its places."""
        self._found.extend(found)

    def take(self, rows: Sequence[tuple[int, int, Row]]) -> Iterator[list[Placed]]:
        """What these readings complete: (stamp, number of the topic, row), in the order of time over all topics."""
        for t_ms, index, row in rows:
            if not self._begun:
                yield from self._tell(t_ms)
            if self._end_ms is None:
                self._end_ms = self._end_of(t_ms)
            elif t_ms > self._end_ms and (self._begun or not self._squash):
                yield from self._end(self._end_ms)
                self._end_ms, self._begun = self._end_of(t_ms), False
                yield from self._tell(t_ms)
            if t_ms - self._last_ms[index] > self._tolerance_ms[index]:
                last_ms = self._last_ms[index]
                self._twin.series[index].gap(last_ms, from_ms=last_ms, to_ms=t_ms)
            self._last_ms[index] = t_ms
            self._twin.series[index].add([(t_ms, row)])

    def finish(self, upto_ms: int) -> Iterator[list[Placed]]:
        """What is still pending; the client stands at `upto_ms` with it."""
        if self._begun and self._end_ms is not None:
            upto_ms = max(upto_ms, self._end_ms)
        for finding in self._found:
            self._twin.tell(finding)
        yield from self._flush(upto_ms)

    def _end(self, upto_ms: int) -> Iterator[list[Placed]]:
        """What goes out together ends; the findings of its time go with it."""
        while self._found and self._found[0].key_ms <= upto_ms:
            self._twin.tell(self._found.popleft())
        yield from self._flush(upto_ms)

    def _tell(self, before_ms: int) -> Iterator[list[Placed]]:
        """What was found before a reading goes before it; who was too slow gets it behind the merged readings."""
        while self._found and self._found[0].key_ms < before_ms:
            finding = self._found.popleft()
            self._twin.tell(finding)
            if not self._squash:
                yield from self._flush(max(finding.key_ms, self._twin.place.t_ms))

    def _end_of(self, t_ms: int) -> int:
        return (t_ms // self._twin.width_ms + 1) * self._twin.width_ms - 1

    def _flush(self, upto_ms: int) -> Iterator[list[Placed]]:
        if placed := self._twin.flush(upto_ms):
            yield placed
