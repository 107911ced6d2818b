"""The bytes of an event of a stream."""

from __future__ import annotations

import random
from collections.abc import Mapping

import orjson

HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
#: Without a blank line, which some clients take for an event.
HEARTBEAT = b": heartbeat\n"
#: When a client may come back after a connection broke.
RETRY_MS = 2000
#: When it may come back after it was turned away, at random between the two.
TURNED_AWAY_MS = (1000, 10_000)


def encode(event: str | None, ident: str, data: Mapping[str, object], *, retry_ms: int = 0) -> bytes:
    """One event; `data` becomes one line of JSON. An event without name is what `EventSource.onmessage` gets."""
    name = f"event: {event}\n" if event else ""
    pause = f"retry: {retry_ms}\n" if retry_ms else ""
    return b"%bid: %b\n%bdata: %b\n\n" % (pause.encode(), ident.encode(), name.encode(), orjson.dumps(data))


def opening(retry_ms: int = RETRY_MS) -> bytes:
    """The first bytes of a stream: a comment, so that proxies let go of the headers, and when to come back.

    They belong to the first event: some clients take a `retry` that stands alone for an event.
    """
    return b": bessline\nretry: %d\n" % retry_ms


def turning_away() -> bytes:
    """All that a client gets whom we cannot serve now; at random, so that not all come back at once."""
    return b"%b\n" % opening(random.randint(*TURNED_AWAY_MS))
