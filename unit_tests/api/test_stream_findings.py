"""What the analytics found, on streams over a real connection: live, after a break, in a replay."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from httpx_sse import ServerSentEvent

from api.analysis import Analysis
from bessline.analyst.alarm_book import Acknowledgement
from bessline.live import seat
from bessline.managers import Managers
from bessline.store.inlet import Inlet
from unit_tests.api.found import alarm, analysis_of, anomaly, put
from unit_tests.api.stream_server import EVERY, STREAM, Served, names, soc, tell
from unit_tests.batches import batch_of
from unit_tests.bessline.live.plants import small_store, stamp_of

ROWS = 300


@pytest.fixture
def managers(tmp_path: Path) -> Managers:
    return small_store(tmp_path, rows=ROWS)


@pytest.fixture
def analysis(managers: Managers) -> Analysis:
    return analysis_of(managers.store)


def every(analysis: Analysis, step: int) -> None:
    """A finding at the time of every so many rows, and a second one at every other of these times."""
    found = [anomaly(stamp_of(n), n) for n in range(0, ROWS, step)]
    put(analysis, [*found, *(alarm(stamp_of(n), f"b1.x{n}", "raised") for n in range(0, ROWS, 2 * step))])


def found(events: list[ServerSentEvent]) -> list[int]:
    return [json.loads(event.data)["n"] for event in events if event.event == "anomaly"]


def before(events: list[ServerSentEvent], name: str) -> list[float]:
    """Of each finding the reading before it, in rows."""
    last, seen = -1.0, []
    for event in events:
        if event.event == "message":
            last = json.loads(event.data)["soc"]
        elif event.event == name:
            seen.append(last)
    return seen


def test_a_finding_comes_behind_its_reading(managers: Managers, analysis: Analysis) -> None:
    """With the tick that reaches it; the snapshot shows the newest, as it was then."""
    every(analysis, 3)

    async def story(served: Served) -> None:
        events = await served.events(STREAM, max_events="12", **EVERY)
        assert found(events) == before(events, "anomaly")
        assert len(found(events)) >= 3
        snapshot = json.loads(events[0].data)["b1"]
        assert snapshot["analytics"]["anomaly"]["n"] <= snapshot["topics"]["bms"]["soc"]
        assert snapshot["analytics"]["anomaly"]["n"] > snapshot["topics"]["bms"]["soc"] - 3

    tell(managers, story, findings=analysis.events)


def test_who_does_not_want_them_gets_none(managers: Managers, analysis: Analysis) -> None:
    """Readings alone, in the snapshot as well."""
    every(analysis, 1)

    async def story(served: Served) -> None:
        events = await served.events(STREAM, max_events="5", analytics="false", **EVERY)
        assert names(events) == ["snapshot", *["message"] * 5, "end"]
        assert json.loads(events[0].data)["b1"]["analytics"] == {}

    tell(managers, story, findings=analysis.events)


MANY = {"devices": "b1", "topics": "bms,pcs", "interval": "0.05"}
MERGED = {**EVERY, "interval": "0.2"}


@pytest.mark.parametrize(("path", "query"), [(STREAM, EVERY), ("/stream", MANY), (STREAM, MERGED)])
def test_a_break_anywhere_loses_and_repeats_nothing(
    managers: Managers, analysis: Analysis, path: str, query: dict[str, str]
) -> None:
    """After every single event in turn: each reading and each finding once, in order."""
    every(analysis, 2)

    async def story(served: Served) -> None:
        seen = await served.events(path, 2, **query)
        while len(seen) < 25:
            more = await served.events(path, 2 + len(seen) % 3, header_id=seen[-1].id, **query)
            assert json.loads(more[0].data)["status"] == "exact", more[0].data
            seen += more[1:]
        numbers = found(seen)
        assert numbers == list(range(numbers[0], numbers[-1] + 2, 2))
        assert len(numbers) > 4
        merged = [json.loads(event.data).get("merged", 1) for event in seen if event.event in ("message", "bms")]
        rows = [json.loads(event.data)["soc"] for event in seen if event.event in ("message", "bms")]
        steps = [later - row for row, later in pairwise(rows)]
        assert steps == merged[1:], list(zip(rows, merged, strict=True))

    tell(managers, story, findings=analysis.events)


def test_what_becomes_known_late_comes_then(managers: Managers, analysis: Analysis) -> None:
    """Once, and after a break it has its place."""

    async def story(served: Served) -> None:
        begun = asyncio.create_task(served.events(STREAM, max_events="20", **EVERY))
        await asyncio.sleep(0.3)
        assert (served.player.now_ms("b1") or 0) > stamp_of(3)
        put(analysis, [anomaly(stamp_of(2), 2)])
        await served.player.learn()
        events = await begun
        assert found(events) == [2]
        (late,) = before(events, "anomaly")
        assert late > 2
        first = next(event for event in events if event.event == "message")
        again = await served.events(STREAM, max_events="18", header_id=first.id, **EVERY)
        assert found(again) == [2]

    tell(managers, story, findings=analysis.events)


def test_an_acknowledgement_is_told(managers: Managers, analysis: Analysis) -> None:
    """To everybody who listens to the device."""
    put(analysis, [alarm(stamp_of(0), "b1.hot", "raised")])

    async def story(served: Served) -> None:
        begun = asyncio.create_task(served.events(STREAM, max_events="20", **EVERY))
        await asyncio.sleep(0.3)
        now_ms = served.player.now_ms("b1")
        assert now_ms is not None
        analysis.alarms.acknowledge("b1.hot", Acknowledgement("2026-01-01T00:00:00.000Z"), at_ms=now_ms)
        await served.player.learn()
        alarms = [json.loads(event.data)["state"] for event in await begun if event.event == "alarm"]
        assert alarms[-1:] == ["acknowledged"]

    tell(managers, story, findings=analysis.events)


def test_live_input_has_its_findings_behind_it(managers: Managers, analysis: Analysis) -> None:
    """A device without a clock: told when they become known, and each once over a break."""
    inlet = Inlet(managers.store)

    async def come(served: Served, n: int) -> None:
        taken = inlet.write([batch_of("b1", "bms", [(30 * n, {"soc": float(n)})])])
        await served.player.arrived(taken)
        put(analysis, [anomaly(stamp_of(n), n)])
        await served.player.learn()

    async def story(served: Served) -> None:
        await come(served, ROWS + 1)
        begun = asyncio.create_task(served.events(STREAM, 5, **EVERY))
        await asyncio.sleep(0.2)
        await come(served, ROWS + 2)
        await come(served, ROWS + 3)
        events = await begun
        assert names(events) == ["snapshot", "message", "anomaly", "message", "anomaly"]
        assert found(events) == soc(events) == [ROWS + 2, ROWS + 3]
        again = await served.events(STREAM, 4, header_id=events[1].id, **EVERY)
        assert names(again) == ["resume", "anomaly", "message", "anomaly"]
        assert found(again) == [ROWS + 2, ROWS + 3]

    tell(managers, story, findings=analysis.events)
    inlet.close()


def test_what_time_alone_shows_is_told_while_there_is_silence(managers: Managers, analysis: Analysis) -> None:
    """It stands behind every reading, and yet the stream tells it now; and once, whatever comes then."""
    inlet = Inlet(managers.store)

    async def come(served: Served, n: int) -> None:
        await served.player.arrived(inlet.write([batch_of("b1", "bms", [(30 * n, {"soc": float(n)})])]))

    async def story(served: Served) -> None:
        await come(served, ROWS + 1)
        begun = asyncio.create_task(served.events(STREAM, 4, **EVERY))
        await asyncio.sleep(0.2)
        put(analysis, [alarm(stamp_of(ROWS + 30), "b1.stale.bms", "raised")])
        await served.player.learn()
        await served.player.learn()
        await come(served, ROWS + 2)
        put(analysis, [anomaly(stamp_of(ROWS + 2), ROWS + 2)])
        await served.player.learn()
        events = await begun
        assert names(events) == ["snapshot", "alarm", "message", "anomaly"]
        again = await served.events(STREAM, 3, header_id=events[1].id, **EVERY)
        assert names(again) == ["resume", "message", "anomaly"]
        (now, *_) = await served.events(STREAM, 1, **EVERY)
        assert json.loads(now.data)["b1"]["analytics"]["alarm"]["state"] == "raised"

    tell(managers, story, findings=analysis.events)
    inlet.close()


def test_of_more_than_fit_a_gap_tells(managers: Managers, analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an address where they stand."""
    monkeypatch.setattr(seat, "CATCH_UP_FINDINGS", 3)

    async def story(served: Served) -> None:
        (first,) = await served.events(STREAM, 1, **EVERY)
        await asyncio.sleep(0.6)
        again = await served.events(STREAM, 25, header_id=first.id, **EVERY)
        gaps: list[dict[str, Any]] = [json.loads(event.data) for event in again if event.event == "gap"]
        assert gaps[0]["history"] == "/analytics/b1"
        at = names(again).index("gap")
        assert sum(name in ("anomaly", "alarm") for name in names(again[:at])) == 3
        assert found(again[at:])[0] > found(again[:at])[-1] + 1

    every(analysis, 1)
    tell(managers, story, findings=analysis.events)


REPLAY = {"start": "2024-05-01T00:01:00Z", "end": "2024-05-01T00:05:00Z", "fields": "soc", "speed": "0"}


def test_a_replay_tells_what_lies_in_its_span(managers: Managers, analysis: Analysis) -> None:
    """In the order of time, each behind its reading; a break anywhere repeats nothing."""
    every(analysis, 2)

    async def story(served: Served) -> None:
        events = await served.events(STREAM, **REPLAY)
        assert found(events) == [2, 4, 6, 8] == before(events, "anomaly")
        assert before(events, "alarm") == [4, 8]
        for n, event in enumerate(events[:-1]):
            rest = await served.events(STREAM, header_id=event.id, end=REPLAY["end"], fields="soc", speed="0")
            assert [each.data for each in rest[1:-1]] == [each.data for each in events[n + 1 : -1]]
        plain = await served.events(STREAM, analytics="false", **REPLAY)
        assert names(plain) == ["message"] * 8 + ["end"]

    tell(managers, story, findings=analysis.events)
