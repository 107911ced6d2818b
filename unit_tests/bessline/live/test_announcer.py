"""The announcer: what was found goes to each clock at its place."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bessline.live.announcer import Announcer
from bessline.live.findings import Finding, Header, Line
from bessline.live.ids import Told
from unit_tests.bessline.live.plants import runs

LINE = Line("c", 0)


class ListLog:
    """A log in memory."""

    def __init__(self, *times_ms: int, device_id: str = "b1") -> None:
        self.found = [self.finding(seq, t_ms, device_id) for seq, t_ms in enumerate(times_ms, 1)]
        self.late: dict[tuple[Line, int], int] = {}
        self.reads = 0
        self.broken = False

    @staticmethod
    def finding(seq: int, t_ms: int, device_id: str = "b1") -> Finding:
        return Finding(t_ms, seq, device_id, "anomaly", t_ms, {"device_id": device_id, "n": seq})

    def add(self, t_ms: int, device_id: str = "b1") -> None:
        self.found.append(self.finding(len(self.found) + 1, t_ms, device_id))

    def between(
        self, devices: Sequence[str], after: Told, upto: Told, *, line: Line, known: int, limit: int
    ) -> list[Finding]:
        self.reads += 1
        if self.broken:
            raise OSError("broken")
        placed = [each._replace(key_ms=self.late.get((line, each.seq), each.t_ms)) for each in self.found]
        return sorted(
            each for each in placed if each.device_id in devices and each.seq <= known and after < each.mark <= upto
        )[:limit]

    def newest(self, device_id: str, *, at_ms: int) -> Mapping[str, Mapping[str, Any]]:
        past = [each for each in self.found if each.device_id == device_id and each.t_ms <= at_ms]
        return {"anomaly": max(past).data} if past else {}

    def headers(self, after_seq: int) -> list[Header]:
        return [Header(each.seq, each.device_id, each.t_ms) for each in self.found if each.seq > after_seq]

    def last_seq(self) -> int:
        return len(self.found)

    def tell_late(self, line: Line, seqs: Sequence[int], *, key_ms: int) -> list[Finding]:
        self.late.update(((line, seq), key_ms) for seq in seqs)
        return [each._replace(key_ms=key_ms) for each in self.found if each.seq in seqs]


async def opened(log: ListLog, *, now_ms: int = 0, ticks: bool = True) -> Announcer:
    announcer = Announcer(log, run=runs)
    await announcer.start()
    await announcer.open(LINE, ("b1",), now_ms=now_ms, ticks=ticks)
    return announcer


async def due(announcer: Announcer, now_ms: int, *, line: Line = LINE, begins_ms: int | None = None) -> list[Any]:
    found = await announcer.due(line, now_ms, step_ms=1, begins_ms=begins_ms)
    return [finding.data["n"] for finding in found]


def test_each_finding_comes_at_its_tick() -> None:
    """And is the newest from then on."""

    async def story() -> None:
        announcer = await opened(ListLog(5, 10, 15), now_ms=7)
        assert announcer.newest == {"b1": {"anomaly": {"device_id": "b1", "n": 1}}}
        assert [await due(announcer, now_ms) for now_ms in (9, 10, 20)] == [[], [2], [3]]
        assert announcer.newest["b1"]["anomaly"]["n"] == 3
        assert announcer.told == {"anomaly": 2}

    asyncio.run(story())


def test_the_log_is_read_seldom() -> None:
    """A tick that finds nothing looks into memory."""

    async def story() -> None:
        log = ListLog()
        announcer = await opened(log)
        for now_ms in range(1, 500):
            assert await due(announcer, now_ms) == []
        assert log.reads == 1

    asyncio.run(story())


def test_what_becomes_known_late_is_told_once() -> None:
    """At the place where it is told, and that is noted; what lies before this server's time is not told."""

    async def story() -> None:
        log = ListLog()
        announcer = await opened(log, now_ms=100)
        await due(announcer, 110)
        for t_ms in (90, 105, 130):
            log.add(t_ms)
        await announcer.learn()
        found = await announcer.due(LINE, 120, step_ms=1, begins_ms=None)
        assert [(finding.key_ms, finding.t_ms) for finding in found] == [(110, 105)]
        assert await due(announcer, 140) == [3]
        assert log.late == {(LINE, 2): 110}
        assert [each.seq for each in announcer.between(("b1",), Told(0, 0), Told(200, 0), line=LINE, limit=9)] == [
            1,
            2,
            3,
        ]

    asyncio.run(story())


def test_a_lap_tells_all_again() -> None:
    """And the newest of the last lap is forgotten: it lies in the future now."""

    async def story() -> None:
        announcer = await opened(ListLog(5), now_ms=0)
        assert await due(announcer, 5) == [1]
        assert await due(announcer, 1, line=Line("c", 1), begins_ms=0) == []
        assert announcer.newest == {"b1": {}}
        assert await due(announcer, 9, line=Line("c", 1)) == [1]

    asyncio.run(story())


def test_live_input_is_told_when_it_has_come() -> None:
    """Not before the reading that it belongs to."""

    async def story() -> None:
        log = ListLog()
        announcer = await opened(log, now_ms=10, ticks=False)
        log.add(20)
        await announcer.learn()
        assert announcer.take_late("c") == []
        announcer.moved("c", 20)
        assert [finding.seq for finding in announcer.take_late("c")] == [1]
        assert announcer.take_late("c") == []

    asyncio.run(story())


def test_what_waits_in_vain_for_its_reading_is_told() -> None:
    """A silence is shown by time alone: no reading will ever bring it."""

    async def story() -> None:
        log = ListLog()
        announcer = await opened(log, now_ms=10, ticks=False)
        log.add(20)
        await announcer.learn()
        assert announcer.take_late("c") == []
        await announcer.learn()
        assert [finding.seq for finding in announcer.take_late("c")] == [1]
        announcer.moved("c", 15)
        log.add(15)
        await announcer.learn()
        (late,) = announcer.take_late("c")
        assert (late.seq, late.key_ms) == (2, 20)

    asyncio.run(story())


def test_opening_again_loses_nothing() -> None:
    """As every ingest does; another set of devices begins where the clock stands."""

    async def story() -> None:
        log = ListLog()
        announcer = await opened(log, now_ms=0)
        await due(announcer, 10)
        log.add(9)
        await announcer.learn()
        await announcer.open(LINE, ("b1",), now_ms=10)
        assert await due(announcer, 11) == [1]
        await announcer.open(LINE, ("b1", "b2"), now_ms=11)
        log.add(12, "b2")
        await announcer.learn()
        assert await due(announcer, 12) == [2]
        announcer.close([])
        assert await due(announcer, 13) == []

    asyncio.run(story())


def test_a_log_that_cannot_be_read_stops_nothing(caplog: Any) -> None:
    """The readings go on; it is logged."""

    async def story() -> None:
        log = ListLog(5)
        announcer = await opened(log)
        log.broken = True
        assert await due(announcer, 5) == []
        assert "cannot be read" in caplog.text

    asyncio.run(story())


def test_without_a_log_there_is_nothing() -> None:
    """As with the analytics off."""

    async def story() -> None:
        announcer = Announcer(None, run=runs)
        await announcer.start()
        await announcer.open(LINE, ("b1",), now_ms=0)
        await announcer.learn()
        assert await due(announcer, 5) == []
        assert announcer.between(("b1",), Told(0, 0), Told(9, 0), line=LINE, limit=9) == []

    asyncio.run(story())
