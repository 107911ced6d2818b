"""Ids of events."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.live.ids import FIRST_MS, LAST_MS, LiveId, ReplayId, parse

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=32)
TIMES = st.integers(FIRST_MS, LAST_MS)
LIVE = st.builds(LiveId, NAMES, NAMES, st.integers(0, 999_999_999), TIMES, st.booleans())
REPLAY = st.builds(ReplayId, NAMES, TIMES, st.booleans())


@given(st.one_of(LIVE, REPLAY))
def test_an_id_survives_the_wire(ident: LiveId | ReplayId) -> None:
    """What is written is read back, and fits what the contract allows."""
    assert parse(str(ident)) == ident
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", str(ident))


@given(st.text(max_size=200))
def test_any_text_is_an_id_of_ours_or_none(text: str) -> None:
    """No text makes it fail, and there is one way to write an id."""
    ident = parse(text)
    assert ident is None or str(ident) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "l.s.c.0",
        "l.s.c.00.5",
        "l.s.c.-1.5",
        "l.s.c.0.05",
        "l.s.c.0.-0",
        "l.s.c.0.5.END",
        "l.s.c.0.5\n",
        "r.s.٣",
        "r.s.999999999999999",
        "r..5",
    ],
)
def test_what_is_nearly_an_id_is_none(text: str) -> None:
    """Malformed ids are told apart, not guessed at."""
    assert parse(text) is None


def test_only_the_same_lap_of_the_same_clock_can_be_followed() -> None:
    """An id of another store, clock or lap, or from the future, says nothing about what was missed."""
    now = LiveId("s", "c", 1, 50)
    assert now.follows(now.at(50))
    assert now.follows(now.at(-3, ended=True))
    for other in (now.at(51), LiveId("x", "c", 1, 5), LiveId("s", "x", 1, 5), LiveId("s", "c", 0, 5)):
        assert not now.follows(other)
