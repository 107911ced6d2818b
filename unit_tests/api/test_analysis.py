"""The analytics of a server: their process, and what it found."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import structlog.testing

from api.analysis import Analysis
from api.webhook import Webhook
from bessline.analyst.keeper import Keeper
from bessline.live.announcer import Announcer
from bessline.live.findings import Finding
from bessline.live.player import Player
from unit_tests.api.client import served_copy
from unit_tests.api.found import alarm, analysis_of, anomaly, put
from unit_tests.bessline.live.plants import runs, small_store
from unit_tests.plants import MAY_1


class Hears:
    """As much of a player as is told."""

    def __init__(self) -> None:
        self.learned, self.draining = asyncio.Event(), asyncio.Event()
        self.announcer = Announcer(None, run=runs)

    async def learn(self) -> None:
        self.learned.set()


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "start", lambda self: None)


def pid_of(analysis: Analysis) -> int | None:
    return None if analysis.keeper is None else analysis.keeper.pid


def run(analysis: Analysis, story: Any) -> None:
    async def told() -> None:
        player: Any = Hears()
        await analysis.start(player)
        await asyncio.wait_for(story(player), 10)
        await analysis.stop()

    asyncio.run(told())


def test_what_is_new_is_told_to_the_player(tmp_path: Path) -> None:
    """At once."""
    analysis = analysis_of(small_store(tmp_path).store)

    async def story(player: Hears) -> None:
        put(analysis, [anomaly(MAY_1, 1)])
        await player.learned.wait()

    run(analysis, story)


@pytest.mark.parametrize("goes", [False, True])
def test_what_cannot_be_told_is_logged_unless_the_server_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes: bool
) -> None:
    """Its reading threads have ended then, which is no news to anybody."""
    analysis = analysis_of(small_store(tmp_path).store)

    async def ended(player: Hears) -> None:
        player.learned.set()
        raise RuntimeError("cannot schedule new futures after shutdown")

    async def story(player: Hears) -> None:
        if goes:
            player.draining.set()
        analysis.learn_soon()
        await player.learned.wait()

    monkeypatch.setattr(Hears, "learn", ended)
    with structlog.testing.capture_logs() as logs:
        run(analysis, story)
    assert [line["event"] for line in logs] == ([] if goes else ["what the analytics found cannot be told"])


def test_two_servers_of_one_store_have_one_analyst(tmp_path: Path) -> None:
    """The other one reads what it finds."""
    store = small_store(tmp_path).store
    first, second = analysis_of(store), analysis_of(store)

    async def story(player: Player) -> None:
        await second.start(player)
        assert (first.keeper is None, second.keeper is None) == (False, True)
        second.arrived()
        put(first, [anomaly(MAY_1, 1)])
        assert second.events.last_seq() == 1
        await second.stop()

    run(first, story)


def test_a_store_that_cannot_be_written_is_analysed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is found is kept elsewhere, and goes with the server."""
    store = small_store(tmp_path).store
    monkeypatch.setattr(type(store), "writable", property(lambda self: False))
    analysis = analysis_of(store)
    folder = analysis.folder
    assert folder != store.path
    assert folder.exists()

    async def story(player: Hears) -> None:
        put(analysis, [anomaly(MAY_1, 1)])

    run(analysis, story)
    assert not folder.exists()
    assert not (store.path / "analytics.db").exists()


def test_the_process_ends_with_the_server(tiny_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left of it, whether it was killed before or not."""
    monkeypatch.undo()
    with served_copy(tiny_store, tmp_path, analytics=True) as client:
        analysis = client.engine.analysis
        assert analysis is not None
        client.wait_until(lambda: client.get("/livez").status_code == 200 and pid_of(analysis) is not None)
        pid = pid_of(analysis)
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def test_alarms_are_passed_on(tmp_path: Path) -> None:
    """When a stream tells them; other findings are not."""
    received: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        received.append(request.content)
        return httpx.Response(204)

    store = small_store(tmp_path).store
    webhook = Webhook("https://alerts.example/hook", transport=httpx.MockTransport(answer))
    analysis = Analysis(store, kept=10, webhook=webhook)

    async def story(player: Hears) -> None:
        hears = player.announcer.hears
        assert hears is not None
        for event in (anomaly(MAY_1, 1), alarm(MAY_1, "b1.hot", "raised")):
            hears(Finding(MAY_1, 1, "b1", event.name, MAY_1, event.data))
        while not webhook.delivered:
            await asyncio.sleep(0.01)

    run(analysis, story)
    assert [orjson.loads(body)["alarm_id"] for body in received] == ["b1.hot"]
