"""Alarms reach the webhook, also when it is away for a while, and never in the way of anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from api.webhook import MOST_WAITING, TRIES, Webhook, check_webhook
from bessline.analyst.database import Database
from bessline.analyst.posted import Posted

Answer = int | type[httpx.HTTPError]


class Receiver:
    """Answers one after the other, the last one for ever; remembers what came."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, int):
            return httpx.Response(answer, headers={"Location": "https://elsewhere.example/"})
        raise answer("no")


def delivered(
    receiver: Receiver, alarms: Sequence[dict[str, Any]], *, key: str | None = None
) -> tuple[Webhook, list[float]]:
    """What became of `alarms`, and the pauses that were made."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def run() -> Webhook:
        hook = Webhook(
            "https://hook.example/secret-path",
            key=None if key is None else SecretStr(key),
            transport=httpx.MockTransport(receiver),
            sleep=sleep,
        )
        hook.start()
        for alarm in alarms:
            hook.put(alarm)
        while hook.delivered + hook.given_up < len(alarms):
            await asyncio.sleep(0)
        await hook.stop()
        return hook

    return asyncio.run(run()), pauses


def test_alarms_arrive_in_order_with_the_key() -> None:
    receiver = Receiver(204)
    hook, pauses = delivered(receiver, [{"alarm_id": str(n)} for n in range(3)], key="sesame")
    assert [orjson.loads(request.content)["alarm_id"] for request in receiver.requests] == ["0", "1", "2"]
    assert {request.headers["authorization"] for request in receiver.requests} == {"Bearer sesame"}
    assert (hook.delivered, hook.given_up, hook.waiting, pauses) == (3, 0, 0, [])


def test_it_tries_again_ever_more_slowly() -> None:
    receiver = Receiver(httpx.ConnectError, 503, 429, 200)
    hook, pauses = delivered(receiver, [{"alarm_id": "a"}])
    assert (hook.delivered, len(receiver.requests)) == (1, 4)
    assert 0.7 < pauses[0] < pauses[1] < pauses[2] < 5


def test_it_gives_up_in_the_end_and_goes_on() -> None:
    receiver = Receiver(*[500] * TRIES, 200)
    hook, pauses = delivered(receiver, [{"alarm_id": "a"}, {"alarm_id": "b"}])
    assert (hook.delivered, hook.given_up) == (1, 1)
    assert max(pauses) <= 1.2 * 300


@pytest.mark.parametrize("status", [301, 400, 404])
def test_a_refusal_is_final(status: int) -> None:
    """A redirect, too: the key would go along."""
    receiver = Receiver(status)
    hook, pauses = delivered(receiver, [{"alarm_id": "a"}])
    assert (len(receiver.requests), hook.given_up, pauses) == (1, 1, [])


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither by us nor by the library that sends it, which tells of each request by its whole address."""
    caplog.set_level(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.NOTSET)
    with capture_logs() as logs:
        delivered(Receiver(500, 204), [{"alarm_id": "a"}], key="sesame")
    said = repr(logs) + caplog.text
    assert "hook.example" in said
    assert "sesame" not in said
    assert "secret-path" not in said


def test_what_waits_is_bounded() -> None:
    """Whoever puts never waits; the oldest is given up."""

    async def run() -> tuple[int, int]:
        hook = Webhook("https://hook.example/")
        for n in range(MOST_WAITING + 5):
            hook.put({"alarm_id": str(n)})
        counts = hook.waiting, hook.given_up
        await hook.stop()
        return counts

    assert asyncio.run(run()) == (MOST_WAITING, 5)


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "hook", "https://", "http://a:x/", ""])
def test_only_http_addresses(url: str) -> None:
    with pytest.raises(ValueError, match="only http and https"):
        check_webhook(url)


def test_each_is_sent_once_whatever_lap_tells_it(tmp_path: Path) -> None:
    """A refused one may be tried again by the next."""
    receiver, posted = Receiver(200, 404, 200), Posted(Database(tmp_path / "a.db", store_id="s"))

    async def lap() -> None:
        hook = Webhook("https://hook.example/", posted=posted, transport=httpx.MockTransport(receiver))
        hook.start()
        for seq in (1, 2):
            hook.put({"n": seq}, seq=seq)
        while hook.waiting or not receiver.requests:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        await hook.stop()

    for _ in range(3):
        asyncio.run(lap())
    assert [orjson.loads(request.content)["n"] for request in receiver.requests] == [1, 2, 2]
