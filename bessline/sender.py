"""Sends rows to a server and does not give up before they are durable. A shell: it knows HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import httpx
import orjson

from bessline.remote import Busy, check, pause_s, server_url

#: Rows of one request.
POST_ROWS = 5000
RETRY_S = 1.0
_TIMEOUT_S = 60.0
_TOLD = (0, 5)
Tell = Callable[[str], object]
Row = dict[str, object]
Topic = tuple[str, str]


class Sender:
    """Posts rows to the server at `url`. `timezone` is that of the local days of devices that it does not know yet.

    Parameters
    ----------
    key: sent as ``Authorization: Bearer``.
    tell: hears in a sentence why it waits.
    sleep: how to wait for so many seconds.
    """

    def __init__(self, url: str, *, key: str | None, tell: Tell, sleep: Callable[[float], object] = time.sleep) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=server_url(url), headers=headers, timeout=_TIMEOUT_S, trust_env=False)
        self.timezone: str | None = None
        self._tell, self._sleep = tell, sleep

    def send(self, topic: Topic, rows: Sequence[Row]) -> None:
        """Send `rows` of one topic of a device.

        Raises
        ------
        ServerError
            the server will not take them, however often they are sent.
        """
        for start in range(0, len(rows), POST_ROWS):
            body = orjson.dumps(rows[start : start + POST_ROWS])
            failures = 0
            while (wait_s := self._try(topic, body, failures)) is not None:
                failures += 1
                self._sleep(wait_s)

    def _try(self, topic: Topic, body: bytes, failures: int) -> float | None:
        """Send once; None where it worked, else how long to wait before the next time."""
        query = {"rows": "sparse"} | ({"timezone": self.timezone} if self.timezone else {})
        try:
            headers = {"Content-Type": "application/json"}
            check(self._http.post("/ingest/{}/{}".format(*topic), content=body, params=query, headers=headers))
        except httpx.TransportError as error:
            wait_s = pause_s(failures, retry_s=error.after_s if isinstance(error, Busy) and error.after_s else RETRY_S)
            if failures in _TOLD:
                self._tell(f"{self._http.base_url}: {error or type(error).__name__}; trying again")
            return wait_s
        return None

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()
