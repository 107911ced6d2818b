"""The announcer: tells the player what the analytics found when each clock reaches it, or when it becomes known."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from bessline.live.feed import Run
from bessline.live.findings import LAST_SEQ, READY, Agenda, Finding, FindingLog, Header, Line
from bessline.live.ids import LAST_MS, Told

#: Ticks of a clock whose findings are looked for at once.
AHEAD_TICKS = 600
#: So many findings may lie in the stretch of a clock that was looked at already, when more become known in it.
MOST_NEWS = 10_000
logger = logging.getLogger(__name__)


class Announcer:
    """What there is to tell of each clock, and the newest of each device.

    Parameters
    ----------
    log: where findings come from; without one nothing is ever told.
    run: runs blocking work in a thread.

    `newest` holds the last finding of each name that a device's clock has passed. `told` counts by name.
    """

    def __init__(self, log: FindingLog | None, *, run: Run) -> None:
        self.log = log
        self.newest: dict[str, dict[str, Mapping[str, Any]]] = {}
        self.told: dict[str, int] = {}
        #: Hears each finding when it is told.
        self.hears: Callable[[Finding], None] | None = None
        self._run = run
        self._agendas: dict[str, Agenda] = {}
        self._known = 0
        self._learning = asyncio.Lock()

    async def start(self) -> None:
        """What is in the log by now is known."""
        if self.log is not None:
            self._known = await self._run(self.log.last_seq)

    async def open(self, line: Line, devices: Sequence[str], *, now_ms: int, ticks: bool = True) -> None:
        """A clock stands at `now_ms`: what lies before is told already, or nobody's news.

        One that has no `ticks` is told where it is by `moved`.
        """
        old = self._agendas.get(line.clock)
        if self.log is None or (old is not None and (old.line, old.devices) == (line, tuple(devices))):
            return  # what it holds ready goes on
        agenda = Agenda(line, devices, now_ms=now_ms)
        if old is not None and old.line == line:
            agenda.floor_ms = old.floor_ms
        if not ticks:
            agenda.upto_ms = LAST_MS
        self._agendas[line.clock] = agenda
        await self._look_back(devices, agenda)

    def close(self, clocks: Sequence[str]) -> None:
        """These clocks alone are left."""
        for clock in self._agendas.keys() - set(clocks):
            del self._agendas[clock]

    def moved(self, clock: str, now_ms: int) -> None:
        """Live input has come up to `now_ms`."""
        agenda = self._agendas.get(clock)
        if agenda is not None and now_ms > agenda.now_ms:
            agenda.now_ms = now_ms

    async def due(self, line: Line, now_ms: int, *, step_ms: int, begins_ms: int | None) -> list[Finding]:
        """What is told at the tick that reaches `now_ms`; `begins_ms`: the lap begins with it, after that time."""
        agenda = self._agendas.get(line.clock)
        if agenda is None:
            return []
        if begins_ms is not None:
            agenda.begin(line.lap, begins_ms)
            self.newest.update((device_id, {}) for device_id in agenda.devices)
        while now_ms > agenda.upto_ms:
            await self._load(agenda, now_ms, step_ms)
        return self._noted(agenda.due(now_ms))

    async def _load(self, agenda: Agenda, now_ms: int, step_ms: int) -> None:
        assert self.log is not None
        async with self._learning:
            upto_ms = now_ms + AHEAD_TICKS * step_ms
            after, upto = Told(agenda.upto_ms, LAST_SEQ), Told(upto_ms, LAST_SEQ)
            between = partial(self.log.between, agenda.devices, after, upto)
            try:
                found = await self._run(partial(between, line=agenda.line, known=self._known, limit=READY))
            except Exception:
                logger.exception("what the analytics found cannot be read; the readings go on")
                agenda.upto_ms = now_ms
                return
            if len(found) == READY:
                # those of the last moment may not be whole
                last_ms = found[-1].key_ms
                whole = [finding for finding in found if finding.key_ms < last_ms]
                found, upto_ms = (whole, last_ms - 1) if whole else (found, last_ms)
            agenda.load(found, upto_ms=upto_ms)

    async def learn(self) -> None:
        """Take in what became known since the last time."""
        if self.log is None:
            return
        async with self._learning:
            headers = await self._run(partial(self.log.headers, self._known))
            for agenda in self._agendas.values():
                agenda.wait_no_longer()
            for agenda in list(self._agendas.values()):
                await self._news(agenda, headers)
            self._known = max((header.seq for header in headers), default=self._known)
            passed = {header.device_id for header in headers}
        for agenda in list(self._agendas.values()):
            await self._look_back([name for name in agenda.devices if name in passed], agenda)

    async def _news(self, agenda: Agenda, headers: Sequence[Header]) -> None:
        assert self.log is not None
        wanted, line = [header for header in headers if agenda.wants(header)], agenda.line
        late = [header.seq for header in wanted if agenda.is_late(header)]
        found: list[Finding] = []
        if len(late) < len(wanted):
            first, last = min(header.t_ms for header in wanted), max(header.t_ms for header in wanted)
            between = partial(self.log.between, agenda.devices, Told(first, 0), Told(last, LAST_SEQ), line=agenda.line)
            all_of_it = await self._run(partial(between, known=LAST_SEQ, limit=MOST_NEWS))
            new = {header.seq for header in wanted} - set(late)
            found = [finding for finding in all_of_it if finding.seq in new]
        if late:
            found += await self._run(partial(self.log.tell_late, agenda.line, late, key_ms=agenda.now_ms))
        if agenda.line == line:
            agenda.add(found)

    def take_late(self, clock: str) -> list[Finding]:
        """What is to be told of live input, which no tick brings."""
        agenda = self._agendas.get(clock)
        return [] if agenda is None else self._noted(agenda.due(agenda.now_ms))

    def _noted(self, found: list[Finding]) -> list[Finding]:
        for finding in found:
            self.newest.setdefault(finding.device_id, {})[finding.name] = finding.data
            self.told[finding.name] = self.told.get(finding.name, 0) + 1
            if self.hears is not None:
                self.hears(finding)
        return found

    async def _look_back(self, devices: Sequence[str], agenda: Agenda) -> None:
        assert self.log is not None
        now_ms = LAST_MS if agenda.is_live else agenda.now_ms
        for device_id in devices:
            found = await self._run(partial(self.log.newest, device_id, at_ms=now_ms))
            self.newest[device_id] = dict(found)

    def between(self, devices: Sequence[str], after: Told, upto: Told, *, line: Line, limit: int) -> list[Finding]:
        """What was told along `line` in (after, upto]. It blocks."""
        if self.log is None or upto <= after:
            return []
        return self.log.between(devices, after, upto, line=line, known=self._known, limit=limit)
