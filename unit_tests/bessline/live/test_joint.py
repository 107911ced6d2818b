"""Ids of connections on several clocks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.live.ids import LAST_MS, LONGEST, Amid, LiveId, Spread, Told
from bessline.live.joint import MOST_CLOCKS, JointId, joined, parse_joint

STORE = "5708e001"
NOW_MS = 1_790_000_000_000


def crowd(times: list[int], *, laps: list[int] | None = None) -> JointId:
    """An id of one clock for each of `times`."""
    laps = laps or [0] * len(times)
    places = [LiveId(STORE, f"in{n:06x}", lap, t_ms) for n, (t_ms, lap) in enumerate(zip(times, laps, strict=True))]
    joint = joined(places)
    assert isinstance(joint, JointId)
    return joint


def back(joint: JointId) -> tuple[LiveId, ...]:
    """What a client that comes back with `joint` is known to have."""
    text = str(joint)
    assert re.fullmatch(rf"[A-Za-z0-9._-]{{1,{LONGEST}}}", text)
    read = parse_joint(text)
    assert read is not None
    found = read.on([place.clock for place in joint.places])
    assert found is not None
    return found


@given(st.lists(st.integers(-(10**12), 2 * 10**12), min_size=2, max_size=6))
def test_each_clock_finds_its_very_place(times: list[int]) -> None:
    """Six of them, however far apart in time."""
    joint = crowd(times)
    assert back(joint) == joint.places


@given(st.lists(st.integers(0, 46), min_size=MOST_CLOCKS, max_size=MOST_CLOCKS))
def test_a_plant_of_live_devices_fits(late_s: list[int]) -> None:
    """Two dozen that send whole seconds: none is rounded."""
    joint = crowd([NOW_MS + 1000 * s for s in late_s])
    assert back(joint) == joint.places


@given(st.lists(st.integers(0, 10**10), min_size=MOST_CLOCKS, max_size=MOST_CLOCKS), st.booleans())
def test_rather_something_is_told_again_than_the_limit_broken(late_ms: list[int], ended: bool) -> None:
    """What does not fit is rounded down, never up."""
    joint = replace(crowd([NOW_MS + ms for ms in late_ms]), ended=ended)
    assert all(read.t_ms <= place.t_ms for read, place in zip(back(joint), joint.places, strict=True))
    assert len(str(joint)) <= LONGEST


@given(st.integers(0, 200), st.integers(0, 10**8), st.integers(0, 10**8), st.booleans())
def test_a_place_within_a_batch_survives_the_wire(nth: int, first_ms: int, more_ms: int, ended: bool) -> None:
    """Beside clocks of other laps."""
    joint = crowd([NOW_MS, NOW_MS + 1, NOW_MS - 77_123], laps=[0, 3, 1000])
    reached_ms = NOW_MS + first_ms
    within = replace(joint.places[0], amid=Amid(reached_ms + more_ms, nth, reached_ms, "00ff"))
    joint = replace(joint, places=(within, *joint.places[1:]), ended=ended)
    assert back(joint) == joint.places
    assert str(joint).endswith(".end") == ended


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=5))
def test_live_input_says_how_far_each_topic_is(more_ms: list[int]) -> None:
    """Where all are equally far the place says it all."""
    levels = tuple(NOW_MS + ms for ms in more_ms)
    place = LiveId(STORE, "in123456", 0, min(levels), amid=Spread(levels, "00ff"))
    joint = joined([LiveId(STORE, "in000000", 0, NOW_MS), place])
    assert isinstance(joint, JointId)
    read = back(joint)[1]
    assert [read.after_ms(n, "00ff") for n in range(len(levels))] == list(levels)


def test_other_clocks_are_not_guessed_at() -> None:
    """An id says nothing about clocks that it does not hold, nor about fewer of them."""
    joint = crowd([1, 2])
    names = [place.clock for place in joint.places]
    assert joint.on(names) == joint.places
    assert joint.on(names[:1]) is joint.on([*names, "c"]) is joint.on(["c", "d"]) is None


def test_one_clock_needs_no_joint_id() -> None:
    """Its place is the id."""
    place = LiveId("s", "c", 0, 1)
    assert joined([place]) is place


def test_laps_beyond_counting_make_an_id_that_begins_anew() -> None:
    """It keeps the limit, and is none of ours when it comes back: who has it hears `reset`, not silence."""
    text = str(crowd([LAST_MS - n for n in range(MOST_CLOCKS)], laps=[999_999_999] * MOST_CLOCKS))
    assert len(text) <= LONGEST
    assert parse_joint(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "j.s.00ff.0.1.0",
        "j.s.00ff.0.1.0_",
        "j.s.00ff.0.1.1_2",
        "j.s.00ff.0.a.0_0",
        "j.s.00ff.1.1.0_00",
        "j.s.00ff.0.1.0.0_1",
        "j.s.00f.0.1.0_1",
        "j.s.00ff.d.1.0_1",
        "j.s.00ff.0.zzzzzzzzzz.0_1",
        "j.s.00ff.0.1.0.0.4.0.5.00ff_1",
    ],
)
def test_what_is_nearly_an_id_is_none(text: str) -> None:
    """Malformed ids are told apart, not guessed at; what we would write otherwise is malformed."""
    assert parse_joint(text) is None


def test_what_was_found_just_before_a_place_does_not_round_it() -> None:
    """Times of findings and places share no unit."""
    t_ms = 1_714_523_122_191
    places = [LiveId("5708e001", "a", 0, 1_714_521_600_000), LiveId("5708e001", "b", 0, t_ms, told=Told(t_ms - 211, 1))]
    read = parse_joint(str(joined(places)))
    assert read is not None
    assert read.on(["a", "b"]) == tuple(places)


@given(data=st.data(), clocks=st.integers(2, 24))
def test_no_finding_is_taken_for_told(data: st.DataObject, clocks: int) -> None:
    """Few clocks: to the very number. Many: some may come again, none is left out."""
    times = st.integers(1_714_521_600_000, 1_714_700_000_000)
    places = [
        LiveId("5708e001", f"c{n:02}", 0, t_ms, told=Told(t_ms + data.draw(st.integers(-60_000, 60_000)), n))
        for n, t_ms in enumerate(data.draw(st.lists(times, min_size=clocks, max_size=clocks)))
    ]
    read = parse_joint(str(joined(places)))
    assert read is not None
    back = read.on([place.clock for place in places])
    assert back is not None
    assert len(str(read)) <= LONGEST
    assert all(one.findings <= other.findings for one, other in zip(back, places, strict=True))
    assert clocks > 2 or list(back) == places
