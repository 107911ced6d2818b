"""A connection as a member of an audience."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.types import Receive

from api.door import chunked
from api.listener import Listener, starts_of
from bessline.live.audience import Counts
from bessline.live.frames import Batch, Form, Frame
from unit_tests.bessline.live.plants import BASE


class Shown:
    """A door that keeps what is pushed through it."""

    waiting = 0
    paused = False

    def __init__(self, form: Form = bytes) -> None:
        self.form, self.pushed = form, list[bytes]()
        self.aborted = False

    def push(self, body: bytes) -> None:
        self.pushed.append(body)

    def give(self, batch: Batch) -> bool:
        if not self.paused:
            self.pushed.append(batch.formed(self.form))
        return not self.paused

    async def drained(self) -> bool:
        return not self.paused

    async def ended(self, receive: Receive, over: asyncio.Event) -> None:
        await over.wait()

    def nudge(self) -> None:
        pass

    def abort(self) -> None:
        self.aborted = True


def frames(kinds: str) -> list[Frame]:
    """``r`` a reading, ``g`` a gap."""
    return [Frame(kind.encode(), f"l.s.c.0.{n}", reading=kind == "r") for n, kind in enumerate(kinds)]


def batch(kinds: str) -> Batch:
    return Batch(frames(kinds), before=(BASE,))


def test_all_get_the_very_bytes() -> None:
    """Made ready for the wire once, where the door leads there."""
    doors, shared = [Shown(), Shown(chunked), Shown(chunked)], batch("rr")
    assert [Listener(door, Counts(), limit=None).take(shared) for door in doors] == [True, True, True]
    plain, one, other = (door.pushed[0] for door in doors)
    assert (plain is shared.body, one is other, one == chunked(plain)) == (True, True, True)


def test_the_limit_counts_readings_only() -> None:
    """Gaps are not counted; after the last reading comes the end, with its id, and nothing more."""
    door, counts = Shown(), Counts()
    listener = Listener(door, counts, limit=2)
    listener.in_step = True
    listener.take(batch("grgrr"))
    assert door.pushed[0].startswith(b"grgrid: l.s.c.0.3.end\nevent: end\n")
    assert (listener.reason, listener.in_step, counts.closed) == ("end", False, {"end": 1})


def test_who_has_not_taken_the_last_falls_behind() -> None:
    """And stands before the batch that it did not get."""

    async def story() -> None:
        door = Shown()
        door.paused = True
        listener = Listener(door, Counts(), limit=None)
        assert not listener.take(batch("r"))
        assert (door.pushed, listener.places, listener.last_ident) == ([], (BASE,), str(BASE))

    asyncio.run(story())


def test_who_takes_nothing_for_long_is_broken_off() -> None:
    """Counted from the last byte taken; whoever takes some is slow, not frozen."""
    door, counts = Shown(), Counts()
    listener = Listener(door, counts, limit=None)
    for now_s, waiting in ((1000.0, 500), (1025.0, 400), (1050.0, 400)):
        door.waiting = waiting
        listener.watch(now_s, stall_s=30.0)
    assert (door.aborted, counts.high_water_bytes) == (False, 500)
    listener.watch(1056.0, stall_s=30.0)
    assert (door.aborted, listener.reason) == (True, "stalled")


def test_places_that_no_clock_of_now_has_cannot_be_followed() -> None:
    """Another lap, or another clock."""
    assert starts_of((BASE,), (BASE.at(5),)) == (BASE,)
    assert starts_of((BASE,), (replace(BASE, lap=1),)) is None
    assert starts_of((BASE,), (replace(BASE, clock="x"),)) is None
