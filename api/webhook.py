"""Alarms sent on to another program: each until it is taken, none kept for ever, and nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from pydantic import SecretStr

from api.answers import encode
from bessline.analyst.posted import Posted

#: So many wait while the receiver does not answer; then the oldest is given up.
MOST_WAITING = 1000
#: Seconds between tries: doubled from the first to the last, and made a little random, so that not all come at once.
FIRST_PAUSE_S, LONGEST_PAUSE_S, TRIES = 1.0, 300.0, 12
_TIMEOUT_S = 10.0
_AGAIN = {408, 425, 429}
log = structlog.get_logger()


class Webhook:
    """POSTs each alarm event as JSON to `url`, in order.

    An answer of 2xx is taken as delivered; 408, 425, 429, 5xx and no answer as "later"; anything else as a refusal.
    Redirects are not followed, for the key would go along.

    Parameters
    ----------
    key: sent as ``Authorization: Bearer``. Neither it nor the rest of the URL behind the host is ever logged.
    posted: remembers what was delivered; without it, what is put twice is sent twice.
    """

    def __init__(
        self,
        url: str,
        *,
        key: SecretStr | None = None,
        posted: Posted | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key.get_secret_value()}"
        # it would write the whole address of each request, and with some receivers the address is the secret
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self.delivered = self.given_up = 0
        self.posted = posted
        self._url, self._host = url, urlsplit(url).hostname
        self._client = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT_S, transport=transport)
        self._sleep = sleep
        self._waiting: deque[tuple[int, Mapping[str, Any]]] = deque()
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many are not delivered yet."""
        return len(self._waiting)

    def put(self, alarm: Mapping[str, Any], *, seq: int = 0) -> None:
        """Send this alarm event, number `seq` of the log, soon. Returns at once; call it on the event loop."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._give_up("too many wait")
        self._waiting.append((seq, alarm))
        self._some.set()

    def start(self) -> None:
        """Begin to deliver."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; what waits is not sent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._client.aclose()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                await self._send_once(*self._waiting.popleft())

    async def _send_once(self, seq: int, alarm: Mapping[str, Any]) -> None:
        posted = self.posted
        try:
            if posted is not None and await asyncio.to_thread(posted.holds, seq):
                return
            if await self._deliver(encode(alarm)) and posted is not None:
                await asyncio.to_thread(posted.note, seq)
        except Exception:
            # a full disk, or a busy one: better told twice than never, and the others go on
            log.exception("webhook: what was sent cannot be remembered")

    async def _deliver(self, body: bytes) -> bool:
        """Whether it was taken."""
        pause_s = FIRST_PAUSE_S
        for _ in range(TRIES):
            status, reason = await self._post(body)
            if 200 <= status < 300:
                self.delivered += 1
                return True
            if 300 <= status < 500 and status not in _AGAIN:
                self._give_up(reason)
                return False
            log.info("webhook: tried in vain", host=self._host, reason=reason)
            await self._sleep(pause_s * random.uniform(0.8, 1.2))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        self._give_up(f"not taken after {TRIES} tries")
        return False

    async def _post(self, body: bytes) -> tuple[int, str]:
        """The status, 0 for no answer, and why it was not taken. The answer's body is not read: it may be endless."""
        try:
            async with self._client.stream("POST", self._url, content=body) as answer:
                return answer.status_code, f"answered {answer.status_code}"
        except httpx.HTTPError as error:
            return 0, type(error).__name__

    def _give_up(self, reason: str) -> None:
        self.given_up += 1
        log.warning("webhook: an alarm was given up", host=self._host, reason=reason)


def check_webhook(url: str) -> str:
    """`url` if it can be posted to; ValueError says why not, and shows nothing of it.

    >>> check_webhook("https://alerts.example/hook")
    'https://alerts.example/hook'
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("write an address such as https://alerts.example/hook; only http and https")
    return url
