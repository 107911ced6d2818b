"""The replay clock."""

from __future__ import annotations

import bisect
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.live.clock import HOLE_STEPS, Metronome, Place, Plan, ReplayClock, Span, begin, plan

PLAN = Plan("c", ("a",), 0, 60, 10)


def test_overlapping_histories_share_a_clock() -> None:
    """Devices are grouped through others, and a lone one has its own clock, with the finest step of its devices."""
    spans = [Span("late", 500, 600, 7), Span("b", 90, 200, 30), Span("a", 0, 100, 60), Span("c", 200, 300, 45)]
    plans = plan(spans)
    assert [(p.devices, p.start_ms, p.end_ms, p.step_ms) for p in plans] == [
        (("a", "b", "c"), 0, 300, 30),
        (("late",), 500, 600, 7),
    ]


def test_a_clock_keeps_its_name_when_a_later_device_joins() -> None:
    """Ids go on meaning the same after an ingest brought another device."""
    alone, joined = plan([Span("a", 0, 9, 1)]), plan([Span("a", 0, 9, 1), Span("b", 5, 20, 1)])
    assert alone[0].name == joined[0].name
    assert alone[0].name != plan([Span("b", 0, 9, 1)])[0].name


def test_spans_of_topics_add_up_to_that_of_the_device() -> None:
    """The finest period counts."""
    assert Span("a", 5, 9, 60) | Span("a", 0, 8, 30) == Span("a", 0, 9, 30)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), min_size=1, max_size=12))
def test_histories_of_two_clocks_never_overlap(pairs: list[tuple[int, int]]) -> None:
    """Every device has exactly one clock, and clocks lie apart."""
    plans = plan(Span(str(n), start, start + length, 1) for n, (start, length) in enumerate(pairs))
    assert sorted(int(name) for p in plans for name in p.devices) == list(range(len(pairs)))
    assert all(one.end_ms < other.start_ms for one, other in itertools.pairwise(plans))


def test_a_tick_goes_one_step() -> None:
    """Readings in (before, now] are due."""
    clock = ReplayClock(PLAN, Place(0, 0))
    tick = clock.go(clock.look(10))
    assert (tick.prev_ms, tick.now_ms, tick.crossing, tick.reset) == (0, 10, False, False)
    assert tick.place == clock.place == Place(0, 10)


def test_looking_changes_nothing() -> None:
    """A place can be reserved before it is gone to."""
    clock = ReplayClock(PLAN, Place(0, 0))
    clock.look(10), clock.look(None)
    assert clock.place == Place(0, 0)


def test_a_hole_is_crossed_in_two_ticks() -> None:
    """First nothing is due, then the reading behind the hole."""
    clock = ReplayClock(PLAN, Place(0, 10))
    first, second = clock.go(clock.look(50)), clock.go(clock.look(50))
    assert (first.crossing, first.now_ms) == (True, 40)
    assert (second.crossing, second.prev_ms, second.now_ms) == (False, 40, 50)


def test_a_short_hole_is_waited_through() -> None:
    """Up to three steps are no hole."""
    clock = ReplayClock(PLAN, Place(0, 10))
    assert not clock.look(10 + HOLE_STEPS * 10).crossing
    assert clock.look(11 + HOLE_STEPS * 10).crossing


def test_after_the_end_it_begins_again_with_the_first_reading() -> None:
    """A reset counts the lap, and the first reading is due with it."""
    clock = ReplayClock(PLAN, Place(4, 60))
    tick = clock.go(clock.look(None))
    assert (tick.reset, tick.lap, tick.prev_ms, tick.now_ms) == (True, 5, -10, 0)


@given(st.sets(st.integers(0, 400), min_size=1, max_size=40), st.integers(1, 20))
def test_every_reading_of_a_lap_is_due_exactly_once(stamps: set[int], step: int) -> None:
    """Whatever the holes, nothing is skipped and nothing comes twice."""
    rows = sorted(stamps)
    clock = ReplayClock(Plan("c", ("a",), rows[0], rows[-1], step), Place(0, rows[0]))
    given_out = [rows[0]]
    while clock.lap == 0:
        at = bisect.bisect_right(rows, clock.now_ms)
        tick = clock.go(clock.look(rows[at] if at < len(rows) else None))
        given_out += [t for t in rows if tick.prev_ms < t <= tick.now_ms]
    assert given_out == [*rows, rows[0]]


@pytest.mark.parametrize(
    ("saved", "start_ms", "place"),
    [
        (None, None, Place(0, 0)),
        (Place(2, 30), None, Place(2, 30)),
        (Place(2, 30), 20, Place(3, 20)),
        (None, 20, Place(0, 20)),
        (Place(2, 30), 61, Place(2, 30)),
    ],
)
def test_where_a_clock_begins(saved: Place | None, start_ms: int | None, place: Place) -> None:
    """An explicit start beats the saved place, that beats the start; a start outside the history is none."""
    assert begin(PLAN, saved=saved, start_ms=start_ms) == place


def test_a_place_outside_the_history_is_brought_inside() -> None:
    """A store that was made anew does not strand its clock."""
    assert ReplayClock(PLAN, Place(1, 999)).now_ms == 60
    assert ReplayClock(PLAN, Place(1, -999)).now_ms == 0


def test_lateness_never_adds_up() -> None:
    """The thousandth tick of a 0.1 s interval is due at 100 s, though every tick before came 30 ms late."""
    beat, now_s = Metronome(0.1, start_s=0.0), 0.0
    for _ in range(1000):
        now_s += beat.wait_s(now_s)
        beat.strike()
        due_s, now_s = now_s, now_s + 0.03
    assert due_s == pytest.approx(100.0)
    assert beat.late_s(now_s) == pytest.approx(0.03)


def test_waiting_twice_is_still_one_tick() -> None:
    """A wait that was broken off loses no tick."""
    beat = Metronome(1.0, start_s=0.0)
    beat.wait_s(0.0)
    assert beat.wait_s(0.6) == pytest.approx(0.4)


def test_after_a_long_stop_the_count_begins_anew() -> None:
    """A suspended machine does not play an hour in one burst."""
    beat = Metronome(1.0, start_s=0.0)
    assert beat.wait_s(3600.0) == 0.0
    beat.strike()
    assert beat.late_s(3600.0) == 0.0
    assert beat.wait_s(3600.0) == 1.0
