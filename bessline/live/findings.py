"""Findings: what the analytics found, as the streams tell it. Where they come from is not known here."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from bessline.live.ids import LAST_MS, Told

#: So many findings of a clock are held ready; more are read when these are told.
READY = 500
#: More numbers than any log gives out.
LAST_SEQ = 2**62


class Line(NamedTuple):
    """A lap of a clock: along it, each finding has one place."""

    clock: str
    lap: int


#: Of history itself: each finding stands at its data time.
NO_LINE = Line("", 0)


class Header(NamedTuple):
    """That there is a finding: its number in the log, its device and its data time (ms)."""

    seq: int
    device_id: str
    t_ms: int


class Finding(NamedTuple):
    """An event of the analytics at the place (ms) where a stream tells it: its data time, or when it became known."""

    key_ms: int
    seq: int
    device_id: str
    name: str
    t_ms: int
    data: Mapping[str, Any]

    @property
    def mark(self) -> Told:
        """Up to here and this."""
        return Told(self.key_ms, self.seq)


class FindingLog(Protocol):
    """Where all findings are kept, each with a number that grows in the order in which they became known. It blocks."""

    def between(
        self, devices: Sequence[str], after: Told, upto: Told, *, line: Line, known: int, limit: int
    ) -> list[Finding]:
        """The first `limit` with places in (after, upto] along `line`, in that order; none numbered above `known`."""
        ...

    def newest(self, device_id: str, *, at_ms: int) -> Mapping[str, Mapping[str, Any]]:
        """The last finding of each name at or before a data time."""
        ...

    def headers(self, after_seq: int) -> list[Header]:
        """All numbered above `after_seq`."""
        ...

    def last_seq(self) -> int:
        """The highest number given out so far, 0 before any."""
        ...

    def tell_late(self, line: Line, seqs: Sequence[int], *, key_ms: int) -> list[Finding]:
        """Note durably that these are told along `line` at `key_ms`, after their data time, and return them."""
        ...


class Agenda:
    """What one clock is still to tell: findings ahead of it, and those that became known when it had passed them.

    `floor_ms`: the data time at which this server took the clock over. What lies before and becomes known later is
    history, and nobody's news.

    >>> agenda = Agenda(Line("c", 0), ("b1",), now_ms=0)
    >>> agenda.load([Finding(5, 1, "b1", "alarm", 5, {}), Finding(9, 2, "b1", "alarm", 9, {})], upto_ms=20)
    >>> [found.seq for found in agenda.due(5)], [found.seq for found in agenda.due(6)]
    ([1], [])
    """

    def __init__(self, line: Line, devices: Sequence[str], *, now_ms: int) -> None:
        self.line, self.devices = line, tuple(devices)
        self.floor_ms = self.now_ms = self.upto_ms = now_ms
        self._ahead: list[Finding] = []
        self._late: list[Finding] = []

    @property
    def is_live(self) -> bool:
        """Whether it is that of live input: no tick brings it on, and nothing of it lies ahead."""
        return self.upto_ms == LAST_MS

    def wait_no_longer(self) -> None:
        """What is ahead of live input waited for its reading to go out, since the last time that news came.

        It has none: it is what time alone has shown, and so the device's time is there.
        """
        if self.is_live and self._ahead:
            self.now_ms = max(self.now_ms, self._ahead[-1].key_ms)

    def begin(self, lap: int, now_ms: int) -> None:
        """Another lap: time goes backwards."""
        self.line = Line(self.line.clock, lap)
        self.floor_ms = self.now_ms = self.upto_ms = now_ms
        self._ahead, self._late = [], []

    def load(self, found: Sequence[Finding], *, upto_ms: int) -> None:
        """These are all findings after `upto_ms` up to the new one, in order."""
        self._ahead.extend(found)
        self.upto_ms = upto_ms

    def wants(self, header: Header) -> bool:
        """Whether a new finding lies in the stretch that was looked at already, and is still to be told."""
        return header.device_id in self.devices and self.floor_ms < header.t_ms <= self.upto_ms

    def is_late(self, header: Header) -> bool:
        """Whether the clock has passed its time."""
        return header.t_ms <= self.now_ms

    def add(self, found: Sequence[Finding]) -> None:
        """Take in what became known: told at its place, or with the next tick."""
        for finding in found:
            insort(self._late if finding.key_ms <= self.now_ms else self._ahead, finding)

    def due(self, now_ms: int) -> list[Finding]:
        """Take what is to be told at the tick that reaches `now_ms`, in order."""
        self.now_ms = now_ms
        if not self._late and (not self._ahead or self._ahead[0].key_ms > now_ms):
            return []
        found, self._late = self._late, []
        passed = 0
        while passed < len(self._ahead) and self._ahead[passed].key_ms <= now_ms:
            passed += 1
        found.extend(self._ahead[:passed])
        del self._ahead[:passed]
        return found
