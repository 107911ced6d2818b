"""A client of the streams: follows, resumes, and fetches from history what a stream cannot send again.

A shell: it knows HTTP, and nothing of stores. `Client` holds the connections, a `Feed` is one walk along a stream.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

import httpx
import orjson

from bessline.errors import ServerError, Unreachable
from bessline.events import Decoder, Message
from bessline.remote import LONGEST_WAIT_S, Busy, check, own_url, pause_s, server_url
from bessline.signals import TOPICS

#: Silence on an open stream after which it counts as dead: three heartbeats of the server.
QUIET_S = 45.0
#: Rows of history held at once, and of one page at least where many topics share them.
PAGE_ROWS, LEAST_PAGE_ROWS = 2000, 100
_CONNECT_S = 10.0
_FIRST_WAIT_S = 2.0
_SHOWN = 300
#: Names of events that are readings; on a stream of one topic they have none.
_READINGS = {"reading", "bess", *TOPICS}

Value = str | float | bool | datetime | Iterable[str]
Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Event:
    """What a stream says.

    `name` is ``reading``, the topic of a reading on a stream of many topics, or that of a named event. `id`: whoever
    comes back with it gets all that follows. `source` is ``history`` for a reading that the stream could not send.
    """

    name: str
    data: dict[str, Any]
    id: str
    source: Literal["stream", "history"] = "stream"

    @property
    def is_reading(self) -> bool:
        """Whether `data` is a reading."""
        return self.name in _READINGS


class Client:
    """A server at `url`.

    Parameters
    ----------
    key: sent as ``Authorization: Bearer``, to this server alone.
    quiet_s: silence on an open stream after which it is opened again, seconds.
    tell: hears, in a sentence each, of lost connections and further attempts.
    sleep: how to wait for so many seconds.

    Examples
    --------
    >>> from bessline.client import Client
    >>> with Client("http://127.0.0.1:8002") as client:  # doctest: +SKIP
    ...     for reading in client.follow("/bms/bess1/stream", interval=1, fields=["soc", "voltage"]):
    ...         print(reading["timestamp"], reading["soc"])
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        quiet_s: float = QUIET_S,
        tell: Tell | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = httpx.Timeout(_CONNECT_S, read=quiet_s)
        self.url = server_url(url)
        self.http = httpx.Client(headers=headers, timeout=timeout)
        self.tell: Tell = tell or (lambda _: None)
        self.sleep = sleep

    def follow(
        self, path: str = "", *, last_event_id: str | None = None, once: bool = False, **query: Value | None
    ) -> Feed:
        """The stream at `path`, which may bring a query of its own; `query` are further parameters of the stream.

        `last_event_id` is that of an earlier walk: it goes on after it. `once`: a lost connection, or one that cannot
        be had, raises `Unreachable` instead of being opened again.
        """
        written = {name: _written(value) for name, value in query.items() if value is not None}
        url = self.url.join(path).copy_merge_params(written)
        return Feed(self, own_url(self.url, url), last_event_id=last_event_id or "", once=once)

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Feed:
    """A walk along one stream. Iterate it for the readings, or `events()` for all that is said.

    Every reading comes once and in order, across broken connections and restarts of the server. What the server has to
    name as a `gap` is fetched from history and comes in its place. Time goes backwards only after a `reset` event. The
    walk is over with `end`. `last_event_id` is where it stands: give it to `Client.follow` to go on from there.

    Raises
    ------
    KeyRefused, NotServed, NotAccepted
        the server refuses for good.
    Unreachable
        only with `once`: no connection, or it broke.
    """

    def __init__(self, client: Client, url: httpx.URL, *, last_event_id: str, once: bool) -> None:
        self.url, self.last_event_id, self.ended = url, last_event_id, False
        self._client, self._once = client, once
        self._retry_s, self._failures = _FIRST_WAIT_S, 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (event.data for event in self.events() if event.is_reading)

    def events(self) -> Iterator[Event]:
        """Readings and named events, in order."""
        while not self.ended:
            gap: Event | None = None
            trouble = httpx.TransportError("the stream broke off")
            try:
                for event in self._connection():
                    gap = event if _is_gap(event) else None
                    yield replace(event, id=self.last_event_id) if gap else event
            except httpx.TransportError as error:
                trouble = error
            if gap is not None:
                yield from self._backfill(gap)
            elif not self.ended:
                self._wait(trouble)

    def _connection(self) -> Iterator[Event]:
        """The events of one connection, which is let go of at a gap.

        Not read on meanwhile: the server would merge readings for somebody who is slow because he reads history. The
        next connection goes on behind the gap.
        """
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if self.last_event_id:
            headers["Last-Event-ID"] = self.last_event_id
        with self._client.http.stream("GET", self.url, headers=headers) as answer:
            if not self._is_stream(answer):
                return
            self._recovered()
            decoder = Decoder()
            for chunk in answer.iter_bytes():
                for message in decoder.feed(chunk):
                    event = self._event(message)
                    if not _is_gap(event):
                        self.last_event_id = event.id or self.last_event_id
                    self.ended = event.name == "end"
                    yield event
                    if self.ended or _is_gap(event):
                        return
                self.last_event_id = decoder.last_id or self.last_event_id
                if decoder.retry_ms is not None:
                    self._retry_s = decoder.retry_ms / 1000

    def _is_stream(self, answer: httpx.Response) -> bool:
        if answer.status_code == HTTPStatus.NO_CONTENT:
            self.ended = True
            return False
        check(answer)
        kind = answer.headers.get("content-type", "")
        if kind.partition(";")[0].strip() != "text/event-stream":
            raise ServerError(f"this is no stream but {kind or 'nothing'}", url=str(self.url), status=200)
        return True

    def _event(self, message: Message) -> Event:
        try:
            data = orjson.loads(message.data or "{}")
        except orjson.JSONDecodeError:
            data = None
        if not isinstance(data, dict):
            raise ServerError(f"this is no stream of readings: {message.data[:_SHOWN]}", url=str(self.url), status=200)
        return Event("reading" if message.name == "message" else message.name, data, message.id)

    def _backfill(self, gap: Event) -> Iterator[Event]:
        """The rows of a gap. Until all are given, the walk stands before it: who begins again there loses none."""
        history = gap.data["history"]
        if isinstance(history, str):
            yield from self._rows(history, "reading", page_rows=PAGE_ROWS)
        else:
            page_rows = max(LEAST_PAGE_ROWS, PAGE_ROWS // len(history))
            runs = [self._rows(link, _topic(link), page_rows=page_rows) for link in history]
            yield from heapq.merge(*runs, key=lambda event: str(event.data["timestamp"]))
        self.last_event_id = gap.id

    def _rows(self, link: str, name: str, *, page_rows: int) -> Iterator[Event]:
        url: httpx.URL | None = own_url(self.url, self.url.join(link)).copy_merge_params({"batch_size": page_rows})
        while url is not None:
            page, url = self._page(url)
            for row in page["data"]:
                yield Event(name, {"device_id": page["device_id"]} | row, self.last_event_id, "history")

    def _page(self, url: httpx.URL) -> tuple[dict[str, Any], httpx.URL | None]:
        while True:
            try:
                answer = self._client.http.get(url)
                check(answer)
            except httpx.TransportError as error:
                self._wait(error)
                continue
            self._recovered()
            following = answer.links.get("next", {}).get("url")
            return orjson.loads(answer.content), None if following is None else own_url(url, url.join(following))

    def _wait(self, trouble: httpx.TransportError) -> None:
        """As long as the server asked for; longer each time that it cannot be had at all."""
        said = str(trouble) or type(trouble).__name__
        if self._once:
            raise Unreachable(said, url=str(self.url)) from trouble
        wait_s = pause_s(self._failures, retry_s=self._retry_s)
        if isinstance(trouble, Busy):
            wait_s = min(LONGEST_WAIT_S, max(wait_s, trouble.after_s))
        self._failures += 1
        self._client.tell(f"{said}; next attempt in {wait_s:.1f} s")
        self._client.sleep(wait_s)

    def _recovered(self) -> None:
        if self._failures:
            self._client.tell("connected again")
        self._failures = 0


def _is_gap(event: Event) -> bool:
    return event.name == "resume" and event.data.get("status") == "gap" and bool(event.data.get("history"))


def _topic(link: str) -> str:
    """What readings from there are called on a stream of many topics."""
    resource = link.partition("?")[0].split("/")[-2]
    return "meter" if resource == "meters" else resource


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, str | int | float) else ",".join(value)
