"""The mailbox of a subscriber."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bessline.live.frames import Frame
from bessline.live.mailbox import HARD_BYTES, SOFT_BYTES, Counts, Mailbox
from unit_tests.bessline.live.plants import renderer, row, said

BIG = b"x" * (SOFT_BYTES // 4)


def mailbox() -> Mailbox:
    return Mailbox(renderer(), wake=lambda: None, counts=Counts(), now_s=0.0)


def offer(box: Mailbox, t_ms: int) -> None:
    """A reading of a quarter of the soft limit."""
    box.offer(Frame(BIG, t_ms, reading=True), t_ms, row(t_ms))


def test_a_fast_reader_gets_the_shared_bytes() -> None:
    """The very object that all get, not a copy."""
    box, frame = mailbox(), Frame(b"shared", 1, reading=True)
    box.offer(frame, 1, row(1))
    assert box.take()[0].body is frame.body
    assert box.take() == []


def test_whoever_puts_something_in_wakes_the_reader() -> None:
    """Nobody sleeps over an event."""
    woken: list[int] = []
    box = Mailbox(renderer(), wake=lambda: woken.append(1), counts=Counts(), now_s=0.0)
    box.put(Frame(b"", 0, reading=False))
    box.close("bye")
    assert len(woken) == 2


def test_a_slow_reader_gets_the_newest_with_its_window() -> None:
    """Four fit; the rest becomes one reading that hides no peak."""
    box = mailbox()
    for t_ms in range(10):
        offer(box, t_ms)
    frames = box.take()
    assert [frame.t_ms for frame in frames] == [0, 1, 2, 3, 9]
    (last,) = said(frames[-1:])
    assert (last["data"]["merged"], last["data"]["window"]["soc"]) == (6, {"min": 4.0, "max": 9.0})


def test_a_reader_that_caught_up_gets_every_reading_again() -> None:
    """Slowness is forgotten with the next take."""
    box = mailbox()
    for t_ms in range(6):
        offer(box, t_ms)
    box.take()
    offer(box, 6)
    assert [frame.body for frame in box.take()] == [BIG]


def test_a_gap_keeps_its_place_among_merged_readings() -> None:
    """What may not be merged comes after the readings before it and before those after it."""
    box = mailbox()
    for t_ms in range(6):
        offer(box, t_ms)
    box.insist(Frame(b"gap", 6, reading=False))
    offer(box, 7)
    assert [frame.t_ms for frame in box.take()] == [0, 1, 2, 3, 5, 6, 7]


def test_a_full_mailbox_closes_and_keeps_what_it_holds() -> None:
    """Nothing is lost in silence: the rest is behind the id of the last event, in the store."""
    box = mailbox()
    n = HARD_BYTES // len(BIG) + 1
    for t_ms in range(n + 2):
        box.insist(Frame(BIG, t_ms, reading=False))
    assert (box.closed, box.counts.dropped, box.counts.closed) == ("overflow", 2, {"overflow": 1})
    assert [frame.t_ms for frame in box.take()] == list(range(n))


def test_after_the_close_of_a_slow_one_no_later_reading_slips_in() -> None:
    """A reading behind a dropped gap would hide the gap."""
    box = mailbox()
    for t_ms in range(6):
        offer(box, t_ms)
    while box.closed is None:
        box.insist(Frame(BIG, 6, reading=False))
    box.insist(Frame(b"lost gap", 7, reading=False))
    offer(box, 8)
    assert box.take()[-1].t_ms == 6


def test_the_first_reason_for_a_close_counts() -> None:
    """One close is one close."""
    box = mailbox()
    box.close("client")
    box.close("bye")
    assert (box.closed, box.counts.closed) == ("client", {"client": 1})


@given(st.lists(st.sampled_from(["reading", "gap", "take"]), max_size=60))
def test_every_reading_is_told_of_once_and_in_order(steps: list[str]) -> None:
    """However slowly it is read: the counts add up, and ids never go back."""
    box, told, published = mailbox(), [], 0
    for t_ms, step in enumerate(steps):
        if step == "reading":
            offer(box, t_ms)
            published += 1
        elif step == "gap":
            box.insist(Frame(b"", t_ms, reading=False))
        else:
            told += box.take()
    told += box.take()
    assert [frame.t_ms for frame in told] == sorted(frame.t_ms for frame in told)
    merged = [1 if frame.body == BIG else said([frame])[0]["data"]["merged"] for frame in told if frame.reading]
    assert sum(merged) == published
