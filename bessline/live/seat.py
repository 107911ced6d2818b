"""A seat: what a subscriber of a live stream holds, and the times that rule over it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bessline.live.announcer import Announcer
from bessline.live.audience import Audience
from bessline.live.feed import Known
from bessline.live.findings import Finding, Line
from bessline.live.frames import Batch
from bessline.live.ids import LiveId, Told
from bessline.live.merge import Row
from bessline.live.resume import CATCH_UP_FINDINGS, CatchUp, Missing, missing
from bessline.live.section import Section
from bessline.live.series import Wish
from bessline.managers import DataManager
from bessline.times import rfc3339

#: Rows of one topic read at once in a catch-up.
BLOCK_ROWS = 200
Read = Sequence[tuple[int, int, Row]]


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


class Seat:
    """A subscriber's place in an audience.

    Everything up to `audience.places` is in the store; everything after it comes in batches to those who are in step.
    So whoever stands at these places, with nothing awaited between looking and being in step, misses nothing and gets
    nothing twice.
    """

    __slots__ = ("_announcer", "_feed", "_managers", "audience")

    def __init__(
        self,
        audience: Audience,
        *,
        feed_of: Callable[[Wish], Known],
        managers: Mapping[str, DataManager],
        announcer: Announcer,
    ) -> None:
        self.audience, self._feed, self._managers, self._announcer = audience, feed_of, managers, announcer

    def snapshot(self) -> dict[str, object]:
        """The newest reading of each topic, and the newest finding of each name, by device."""
        shown: dict[str, dict[str, dict[str, object]]] = {}
        for section in self.audience.sections.values():
            for series in section.series:
                newest = self._feed(series.wish).newest
                device_id = series.wish.device_id
                if device_id not in shown:
                    shown[device_id] = {"topics": {}, "analytics": self._newest(device_id)}
                shown[device_id]["topics"][series.wish.topic] = None if newest is None else series.pick(newest[1])
        return dict(shown)

    def _newest(self, device_id: str) -> dict[str, object]:
        return dict(self._announcer.newest.get(device_id, {})) if self.audience.manner.analytics else {}

    def findings(self, section: Section, start: LiveId) -> list[Finding]:
        """What the analytics found between `start` and where the section stands. It blocks.

        Of more than fit the first are told, and of the others a `gap` tells, with an address where they stand.
        """
        if not self.audience.manner.analytics:
            return []
        line, upto = Line(start.clock, start.lap), section.place.findings
        found = self._announcer.between(section.devices, start.findings, upto, line=line, limit=CATCH_UP_FINDINGS + 1)
        if len(found) <= CATCH_UP_FINDINGS:
            return found
        return found[:-1] + [_left_out(device_id, found[-1], upto) for device_id in section.devices]

    def missing(self, starts: Sequence[LiveId]) -> list[tuple[Wish, Missing]]:
        """What of each topic lies between `starts` and where the audience stands."""
        sections = self.audience.sections.values()
        return [each for section, start in zip(sections, starts, strict=True) for each in missing(section, start)]

    def count(self, spans: Sequence[tuple[Wish, Missing]]) -> int:
        """How many readings these are. Reads the store: call it in a thread."""
        total = 0
        for wish, span in spans:
            if span.upto_ms > span.after_ms:
                start_ms, end_ms = span.half_open
                total += self._managers[wish.topic].count(wish.device_id, start_ms=start_ms, end_ms=end_ms)
        return total

    def catch_ups(self, starts: Sequence[LiveId], *, squash: bool = False) -> list[CaughtUp]:
        """One for each clock, to be walked through in order. They end where the audience stands now."""
        walks: list[CaughtUp] = []
        before = list(starts)
        for n, (section, start) in enumerate(zip(self.audience.sections.values(), starts, strict=True)):
            walks.append(CaughtUp(self, section, start=start, before=tuple(before), squash=squash))
            before[n] = section.place
        return walks

    def tolerance_ms(self, wish: Wish) -> float:
        """How long a topic may be silent."""
        return self._feed(wish).tolerance_ms

    def page(self, wish: Wish, *, start_ms: int, end_ms: int) -> list[tuple[int, Row]]:
        """Some readings of [start_ms, end_ms), in order. Reads the store."""
        page = self._managers[wish.topic].page(
            wish.device_id, start_ms=start_ms, end_ms=end_ms, limit=BLOCK_ROWS, fields=wish.fields
        )
        return list(zip(page.t_ms.tolist(), page.rows(), strict=True))


class CaughtUp:
    """Batches of what was missed on one clock. `read` blocks: call it in a thread; `batches` makes what it read ready.

    Parameters
    ----------
    start: from where; `before`: where the whole connection stands then.
    """

    def __init__(
        self, seat: Seat, section: Section, *, start: LiveId, before: tuple[LiveId, ...], squash: bool
    ) -> None:
        self._seat, self._before, self._reached_ms = seat, list(before), section.reached_ms
        self._upto_ms = [section.upto_ms(index) for index in range(len(section.series))]
        self._findings: Callable[[], list[Finding]] | None = partial(seat.findings, section, start)
        twin = section.twin(start, squash=squash)
        self._wishes = [series.wish for series in twin.series]
        tolerance_ms = [seat.tolerance_ms(wish) for wish in self._wishes]
        self._catch_up = CatchUp(twin, start, tolerance_ms=tolerance_ms, squash=squash)
        self._next_ms = [start.after_ms(index, twin.mark) + 1 for index in range(len(self._wishes))]
        self._rows: list[deque[tuple[int, Row]]] = [deque() for _ in self._wishes]
        self.over = False

    def read(self) -> Read:
        """The next rows of all topics, in the order of time; sets `over` with the last of them."""
        if self._findings is not None:
            self._catch_up.find(self._findings())
            self._findings = None
        whole_ms, self.over = self._reached_ms, True
        for index, rows in enumerate(self._rows):
            if not rows and self._has_more(index):
                self._fill(index)
            if self._has_more(index):
                whole_ms, self.over = min(whole_ms, rows[-1][0]), False
        return sorted(self._taken(whole_ms), key=lambda row: row[:2])

    def _has_more(self, index: int) -> bool:
        return self._next_ms[index] <= self._upto_ms[index]

    def _fill(self, index: int) -> None:
        page = self._seat.page(self._wishes[index], start_ms=self._next_ms[index], end_ms=self._upto_ms[index] + 1)
        self._rows[index].extend(page)
        self._next_ms[index] = page[-1][0] + 1 if len(page) == BLOCK_ROWS else self._upto_ms[index] + 1

    def _taken(self, upto_ms: int) -> Iterator[tuple[int, int, Row]]:
        for index, rows in enumerate(self._rows):
            while rows and rows[0][0] <= upto_ms:
                t_ms, row = rows.popleft()
                yield t_ms, index, row

    def batches(self, rows: Read) -> Iterator[Batch]:
        """What these rows complete, and after the last ones what is pending."""
        done = list(self._catch_up.take(rows))
        if self.over:
            done += self._catch_up.finish(self._reached_ms)
        for placed in done:
            yield self._seat.audience.batch(placed, before=tuple(self._before))
            reached = placed[-1][0]
            self._before = [reached if other.clock == reached.clock else other for other in self._before]


def _left_out(device_id: str, first: Finding, upto: Told) -> Finding:
    """The `gap` that stands for the findings from `first` on."""
    span = {"from": rfc3339(first.t_ms), "to": rfc3339(upto.key_ms)}
    data = {"device_id": device_id, "topic": "analytics", **span, "history": f"/analytics/{device_id}"}
    return Finding(upto.key_ms, upto.seq, device_id, "gap", upto.key_ms, data)
