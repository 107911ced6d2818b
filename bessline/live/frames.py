"""Frames: events encoded once, ready for everybody who asked for the same; and batches of them, sent in one write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from bessline.live.ids import LiveId


class Encode(Protocol):
    """How an event becomes bytes. The engine knows no wire format; a shell hands one in."""

    def __call__(self, event: str | None, ident: str, data: Mapping[str, object], *, retry_ms: int = 0) -> bytes:
        """`event` is None for the readings of a one-topic stream; `retry_ms` 0 says nothing about retrying."""
        ...


#: Makes bytes ready for the wire, where the transport wants more than the events themselves.
Form = Callable[[bytes], bytes]


class Piece(NamedTuple):
    """An event before it is encoded, of data time `t_ms`. Readings have no name of their own."""

    event: str | None
    t_ms: int
    data: Mapping[str, object]


class Frame(NamedTuple):
    """One encoded event and its id. `reading`: it counts for `max_events`."""

    body: bytes
    ident: str
    reading: bool


class Batch:
    """Events that are due together.

    Parameters
    ----------
    before: where the connection stands that has all up to this batch, one place for each of its clocks.
    """

    def __init__(self, frames: Sequence[Frame], *, before: Sequence[LiveId]) -> None:
        self.frames, self.before = frames, before
        self._formed: dict[Form, bytes] = {}

    @cached_property
    def body(self) -> bytes:
        """The bytes of all."""
        return b"".join([frame.body for frame in self.frames])

    def formed(self, form: Form) -> bytes:
        """The same in `form`, made once for all connections that want it so."""
        found = self._formed.get(form)
        if found is None:
            found = self._formed[form] = form(self.body)
        return found
