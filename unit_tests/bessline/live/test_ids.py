"""Ids of events."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.live.ident import parse
from bessline.live.ids import FIRST_MS, LAST_MS, Amid, LiveId, ReplayId, Spread, Told, parse_single

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=32)
TIMES = st.integers(FIRST_MS, LAST_MS)
LIVE = st.builds(LiveId, NAMES, NAMES, st.integers(0, 999_999_999), TIMES, st.booleans())
HASHES = st.text("0123456789abcdef", min_size=8, max_size=8)
REPLAY = st.builds(ReplayId, NAMES, TIMES, st.booleans())


@given(st.one_of(LIVE, REPLAY))
def test_an_id_survives_the_wire(ident: LiveId | ReplayId) -> None:
    """What is written is read back, and fits what the contract allows."""
    assert parse(str(ident)) == ident
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", str(ident))


def amid(place: LiveId, index: int, first_ms: int, more_ms: int) -> LiveId:
    """Within a batch that begins at `place`."""
    reached_ms = place.t_ms + first_ms
    return replace(place, amid=Amid(reached_ms + more_ms, index, reached_ms, "00ff"))


WITHIN = st.builds(
    amid,
    st.builds(LiveId, HASHES, HASHES, st.integers(0, 9999), st.integers(0, 2 * 10**12)),
    st.integers(0, 200),
    st.integers(0, 10**8),
    st.integers(0, 10**8),
)


@given(WITHIN)
def test_an_id_within_a_batch_survives_the_wire(ident: LiveId) -> None:
    """Whatever its place."""
    assert parse(str(ident)) == ident


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
        "l.s.c.0.5.9.0.7",
        "l.s.c.0.5.9.0.4.00ff",
        "l.s.c.0.5.9.0.10.00ff",
        "l.s.c.0.5.v1-2.00ff",
        "l.s.c.0.5.v0.00ff",
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


@given(st.lists(st.integers(0, 10**8), min_size=2, max_size=6))
def test_an_id_of_live_input_says_how_far_each_topic_is(more_ms: list[int]) -> None:
    """It survives the wire, alone and among other clocks."""
    levels = tuple(10**12 + ms for ms in more_ms)
    place = LiveId("5708e001", "in123456", 0, min(levels), amid=Spread(levels, "00ff"))
    assert parse(str(place)) == place
    assert [place.after_ms(n, "00ff") for n in range(len(levels))] == list(levels)
    assert place.after_ms(0, "beef") == place.t_ms


def test_an_id_names_its_clock() -> None:
    """For no other clock it says anything."""
    place = LiveId("s", "c", 0, 1)
    assert (place.on(["c"]), place.on(["d"]), place.on(["c", "d"])) == ((place,), None, None)


def test_live_input_is_followed_topic_by_topic() -> None:
    """A topic that is behind may catch up; none may be beyond what was told."""
    now = LiveId("s", "c", 0, 10, amid=Spread((10, 30), "00ff"))
    assert now.follows(replace(now, t_ms=5, amid=Spread((5, 30), "00ff")))
    assert not now.follows(replace(now, t_ms=5, amid=Spread((5, 31), "00ff")))


def test_what_does_not_fit_is_rather_told_again() -> None:
    """Twenty topics that are far apart: the place of the last of them."""
    place = LiveId("5708e001", "in123456", 0, 0, amid=Spread(tuple(n * 10**9 for n in range(20)), "00ff"))
    assert str(place) == str(place.at(0))


@given(t_ms=st.integers(-(10**9), 10**13), ahead=st.integers(-(10**9), 10**9), seq=st.integers(0, 10**8))
def test_an_id_says_which_findings_were_told(t_ms: int, ahead: int, seq: int) -> None:
    """Before its data time, at it, or beyond it; read back it says the same."""
    told = Told(t_ms + ahead, seq)
    ident = LiveId("5708e001", "c10c", 1, t_ms, told=told)
    assert parse_single(str(ident)) == ident
    assert ident.findings == told
    assert ident.at(t_ms).findings == (told if ahead >= 0 else Told(t_ms, 0))
    assert parse_single(str(ReplayId("5708e001", t_ms, told=seq))) == ReplayId("5708e001", t_ms, told=seq)


def test_a_plain_id_has_told_what_lies_before_it() -> None:
    """Of its own moment it says nothing."""
    assert LiveId("s", "c", 0, 10).findings == Told(10, 0)
