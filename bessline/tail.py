"""What `tail` does: a stream as lines of JSON, one reading a line, for as long as it lasts."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TextIO

import orjson

from bessline.client import Client, Event, Feed, Tell, Value

#: Named events that a reader of plain readings should still hear of.
_WORTH_TELLING = {"resume", "reset", "gap", "bye", "end"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What to follow: `query` are parameters of the stream; `limit` ends it after so many readings.

    `events`: named events are lines too, ``{"event", "id", "data"}``; else `tell` hears of those that matter.
    """

    url: str
    from_id: str | None
    query: dict[str, Value | None]
    limit: int | None
    events: bool
    once: bool


def tail(wish: Wish, *, out: TextIO, tell: Tell, key: str | None = None) -> None:
    """Follow until the stream ends, `limit` readings have come, or nobody reads `out` any more.

    At the end `tell` hears the id to go on from.
    """
    with Client(wish.url, key=key, tell=tell) as client:
        path = f"{stream_path(client.url.path)}?{client.url.query.decode()}"
        feed = client.follow(path, last_event_id=wish.from_id, once=wish.once, **wish.query)
        try:
            _print(feed, wish, out=out, tell=tell)
        except BrokenPipeError:
            _leave(out)
        finally:
            if feed.last_event_id and not feed.ended:
                tell(f"to go on from here: --from-id {feed.last_event_id}")


def stream_path(path: str) -> str:
    """The path of the stream that a path means.

    >>> stream_path("/bms/bess1/stream"), stream_path("/bms/bess1/"), stream_path("/"), stream_path("")
    ('/bms/bess1/stream', '/bms/bess1/stream', '/stream', '/stream')
    """
    path = path.rstrip("/")
    return path if path.endswith("/stream") else f"{path}/stream"


def _print(feed: Feed, wish: Wish, *, out: TextIO, tell: Tell) -> None:
    left = wish.limit
    for event in feed.events():
        if event.is_reading:
            _line(_row(event), out)
            left = None if left is None else left - 1
        elif wish.events:
            _line({"event": event.name, "id": event.id, "data": event.data}, out)
        elif _matters(event):
            tell(f"{event.name}: {orjson.dumps(event.data).decode()}")
        if left == 0:
            return


def _row(event: Event) -> dict[str, object]:
    """The reading; where several topics come, each says which it is of."""
    return event.data if event.name == "reading" else {"topic": event.name} | event.data


def _line(data: dict[str, object], out: TextIO) -> None:
    out.write(orjson.dumps(data).decode() + "\n")
    out.flush()


def _matters(event: Event) -> bool:
    return event.name in _WORTH_TELLING and event.data.get("status") != "exact"


def _leave(out: TextIO) -> None:
    """What could not be written must not be tried again when the interpreter goes."""
    if out is sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
