"""The bytes of an event."""

from __future__ import annotations

from httpx_sse import ServerSentEvent
from httpx_sse._decoders import SSEDecoder
from hypothesis import given
from hypothesis import strategies as st

from api.events import HEARTBEAT, TURNED_AWAY_MS, encode, opening, turning_away


def decoded(body: bytes) -> list[ServerSentEvent]:
    """What an independent client makes of it."""
    decoder = SSEDecoder()
    events = [decoder.decode(line) for line in body.decode().split("\n")[:-1]]
    return [event for event in events if event is not None]


@given(st.dictionaries(st.text(), st.text() | st.integers(0, 9) | st.none()))
def test_an_event_survives_any_text(data: dict[str, object]) -> None:
    """Line breaks of any kind in the data never break the event."""
    (event,) = decoded(encode("gap", "l.s.c.0.1", data))
    assert (event.event, event.id, event.json()) == ("gap", "l.s.c.0.1", data)


def test_a_reading_has_no_name() -> None:
    """So that `onmessage` gets it."""
    assert encode(None, "i", {"soc": 1.0}) == b'id: i\ndata: {"soc":1.0}\n\n'


def test_bye_says_when_to_come_back() -> None:
    """In the same event."""
    assert encode("bye", "i", {}, retry_ms=1234) == b"retry: 1234\nid: i\nevent: bye\ndata: {}\n\n"


def test_comments_are_no_events() -> None:
    """A heartbeat is heard by no handler, and the opening is part of the first event."""
    assert decoded(HEARTBEAT) == []
    (event,) = decoded(opening() + encode("snapshot", "i", {}))
    assert (event.event, event.retry) == ("snapshot", 2000)


def test_those_turned_away_come_back_at_different_times() -> None:
    """Within the bounds."""
    pauses = {int(turning_away().split(b"retry: ")[1]) for _ in range(100)}
    assert len(pauses) > 1
    assert TURNED_AWAY_MS[0] <= min(pauses) <= max(pauses) <= TURNED_AWAY_MS[1]
