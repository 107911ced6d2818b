"""The Python package `httpx-sse`: with the few lines that a user writes around it, it misses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event

import httpx
from httpx_sse import ServerSentEvent, connect_sse

from unit_tests.served import AFTER, BEFORE, EVERY, Plant


def follow(client: httpx.Client, url: str) -> Iterator[ServerSentEvent]:
    """What stands in docs/streams.md: reconnect with the last id after the pause that the server asked for."""
    last_id, pause_s, pause = "", 2.0, Event()
    while True:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        try:
            with connect_sse(client, "GET", url, headers=headers) as source:
                for event in source.iter_sse():
                    last_id, pause_s = event.id, pause_s if event.retry is None else event.retry / 1000
                    if event.data:  # a heartbeat comes as an event without data
                        yield event
        except httpx.TransportError:
            pass
        pause.wait(pause_s)


def test_a_killed_server_costs_no_reading(plant: Plant) -> None:
    """kill -9 in mid-stream: what was seen is what the store holds, each row once."""
    with httpx.Client(timeout=45) as client:
        seen, names = [], []
        for event in follow(client, f"{plant.url}/pcs/bess1/stream?interval={EVERY}"):
            if event.event != "message":
                names.append(event.event)
                continue
            seen.append(json.loads(event.data))
            if len(seen) == BEFORE:
                plant.restart()
            if len(seen) == AFTER:
                break
        assert names[:2] == ["snapshot", "resume"]
        assert seen == plant.truth("pcs", "bess1", seen)
