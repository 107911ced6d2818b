"""Many devices and topics on one connection, over a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from httpx_sse import ServerSentEvent

from bessline.live.joint import MOST_CLOCKS
from bessline.managers import Managers
from bessline.store import Store, ingest
from unit_tests.api.stream_server import Served, names, tell
from unit_tests.bessline.live.plants import small_store, stamp_of
from unit_tests.plants import signal_job, source_of

STREAM = "/stream"
EVERY = {"interval": "0.05", "devices": "b1", "topics": "bms,pcs"}


@pytest.fixture
def managers(tmp_path: Path) -> Managers:
    return small_store(tmp_path, rows=1000)


def apart(folder: Path, n: int) -> Managers:
    """A store of `n` devices whose histories do not overlap: each has a clock of its own."""
    t_s = [30.0 * n for n in range(200)]
    jobs = [
        signal_job(folder / "raw", f"d{at}/bms.soc", [t + at * 10**6 for t in t_s], np.arange(200.0)) for at in range(n)
    ]
    ingest([source_of(folder / "raw", *jobs)], folder / "store", workers=0)
    return Managers(Store.open(folder / "store"))


def values(events: list[ServerSentEvent]) -> dict[str, list[float]]:
    """Each device's and topic's own values, in order."""
    found: dict[str, list[float]] = {}
    for event in events:
        data: dict[str, Any] = json.loads(event.data)
        if event.event in ("bms", "pcs"):
            value = data["soc"] if event.event == "bms" else data["active_power"]
            found.setdefault(f"{data['device_id']}/{event.event}", []).append(value)
    return found


def test_a_reading_is_named_by_its_topic(managers: Managers) -> None:
    """After one snapshot of all."""

    async def story(served: Served) -> None:
        events = await served.events(STREAM, max_events="6", **EVERY, fields="soc,active_power")
        assert list(json.loads(events[0].data)["b1"]["topics"]) == ["bms", "pcs"]
        assert set(names(events[1:-1])) == {"bms", "pcs"}
        assert json.loads(events[-1].data) == {"reason": "max_events", "events": 6}
        answer = await served.client.get(STREAM, headers={"Last-Event-ID": events[-1].id})
        assert answer.status_code == 204

    tell(managers, story)


def test_all_devices_and_topics_are_the_default(managers: Managers) -> None:
    """Those that there are; bess only tells the same again."""

    async def story(served: Served) -> None:
        events = await served.events(STREAM, 1)
        assert set(json.loads(events[0].data)["b1"]["topics"]) == {"bms", "pcs"}

    tell(managers, story)


def test_every_break_is_mended(managers: Managers) -> None:
    """Thirty connections of a few events, broken also amid a tick: each topic is one unbroken row."""

    async def story(served: Served) -> None:
        told = await served.events(STREAM, 4, **EVERY)
        for n in range(30):
            told += await served.events(STREAM, 2 + n % 5, **EVERY, header_id=told[-1].id)
        found = values(told)
        assert found["b1/bms"] == [found["b1/bms"][0] + n for n in range(len(found["b1/bms"]))]
        assert found["b1/pcs"] == [found["b1/pcs"][0] + 2 * n for n in range(len(found["b1/pcs"]))]
        assert all(json.loads(event.data)["status"] == "exact" for event in told if event.event == "resume")

    tell(managers, story)


def test_a_slower_rate_is_mended_too(managers: Managers) -> None:
    """Merged readings stand for each missed one once."""

    async def story(served: Served) -> None:
        slow = EVERY | {"interval": "0.2"}
        told = await served.events(STREAM, 3, **slow)
        first = json.loads(told[0].data)["b1"]["topics"]["bms"]["soc"]
        for n in range(12):
            told += await served.events(STREAM, 2 + n % 4, **slow, header_id=told[-1].id)
        counts = [json.loads(event.data).get("merged", 1) for event in told if event.event == "bms"]
        # a snapshot may already show a reading of the merge that goes on
        assert sum(counts) - (values(told)["b1/bms"][-1] - first) in range(4)

    tell(managers, story)


def test_each_clock_goes_on_from_its_own_place(tmp_path: Path) -> None:
    """An id holds both."""

    async def story(served: Served) -> None:
        told = await served.events(STREAM, 4, interval="0.05")
        for n in range(20):
            told += await served.events(STREAM, 2 + n % 4, interval="0.05", header_id=told[-1].id)
        found = values(told)
        assert set(found) == {"d0/bms", "d1/bms"}
        for own in found.values():
            assert own == [own[0] + n for n in range(len(own))]

    tell(apart(tmp_path, 2), story)


def test_too_much_is_a_gap_with_a_link_for_each_topic(managers: Managers, monkeypatch: pytest.MonkeyPatch) -> None:
    """They fetch exactly what is missing."""
    monkeypatch.setattr("api.beginning.CATCH_UP_ROWS", 5)

    async def story(served: Served) -> None:
        now = (await served.events(STREAM, 1, **EVERY))[0].id
        old = ".".join([*now.split(".")[:4], str(stamp_of(5))])
        resume = json.loads((await served.events(STREAM, 1, **EVERY, header_id=old))[0].data)
        assert [link.split("?")[0] for link in resume["history"]] == ["/bms/b1", "/pcs/b1"]
        assert all("start=2024-05-01T00:02:30.001Z" in link for link in resume["history"])

    tell(managers, story, start_ms=stamp_of(600))


@pytest.mark.parametrize("ident", ["42 or so", "r.0badcafe.5", "j.0badcafe.aaaaa.0.0_bbbbb.0.0"])
def test_an_id_that_says_nothing_gets_a_reset(managers: Managers, ident: str) -> None:
    """Never silence, never an error."""

    async def story(served: Served) -> None:
        events = await served.events(STREAM, 4, **EVERY, header_id=ident)
        assert names(events)[:3] == ["resume", "reset", "snapshot"]

    tell(managers, story)


@pytest.mark.parametrize(
    ("query", "status", "hint"),
    [
        ({"devices": "b2"}, 404, "no device 'b2'"),
        ({"topics": "bmss"}, 404, "did you mean 'bms'"),
        ({"topics": "safety"}, 422, "none of these devices"),
        ({"fields": "soq"}, 422, "did you mean 'soc'"),
        ({"start": "2024-05-01"}, 422, "/{topic}/{device_id}/stream"),
        ({"interval": "0"}, 422, "0.05 to 3600"),
        ({"device": "b1"}, 422, "device"),
    ],
)
def test_errors_come_before_the_stream(managers: Managers, query: dict[str, str], status: int, hint: str) -> None:
    """As problems, with how to write it."""

    async def story(served: Served) -> None:
        answer = await served.client.get(STREAM, params=query)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert hint in answer.text

    tell(managers, story)


def test_more_clocks_than_an_id_holds_are_refused(tmp_path: Path) -> None:
    """And it is said what to ask for instead."""

    async def story(served: Served) -> None:
        answer = await served.client.get(STREAM)
        assert answer.status_code == 422
        assert f"places of {MOST_CLOCKS}" in answer.text
        most = [f"d{n}" for n in range(MOST_CLOCKS)]
        assert (await served.events(STREAM, 1, devices=",".join(most)))[0].id.startswith("j.")

    tell(apart(tmp_path, MOST_CLOCKS + 1), story)
