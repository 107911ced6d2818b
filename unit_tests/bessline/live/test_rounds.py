"""Rounds: nobody waits for the last subscriber."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bessline.live.audience import Audience, Manner
from bessline.live.frames import Batch, Frame
from bessline.live.rounds import SLICE, Rounds
from bessline.live.series import Wish
from unit_tests.bessline.live.plants import Listens, hub_of


def crowd(n: int) -> tuple[Audience, list[Listens]]:
    hub, members = hub_of(), [Listens() for _ in range(n)]
    for member in members:
        audience = hub.join(member, [Wish("b1", "bms", ("soc",))], Manner(1.0))
    return audience, members


def batch(name: str) -> Batch:
    return Batch([Frame(name.encode(), name, reading=True)], before=())


class Laters:
    """What is to be done later."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []
        self.rounds = Rounds(later=self.calls.append, monotonic=lambda: 7.0)


def test_a_large_audience_is_served_in_slices() -> None:
    """Between two of them others have their turn."""
    audience, members = crowd(SLICE + 1)
    laters = Laters()
    laters.rounds.carry(batch("a"), audience)
    assert ([len(member.batches) for member in members[-2:]], len(laters.calls)) == ([1, 0], 1)
    laters.calls.pop()()
    assert all(member.batches for member in members)
    assert (laters.calls, audience.sent_at, laters.rounds.counts.sent) == ([], 7.0, SLICE + 1)


def test_batches_keep_their_order() -> None:
    """A second one waits for the first; who joined between the two gets the second only."""
    audience, members = crowd(SLICE + 1)
    laters = Laters()
    laters.rounds.carry(batch("a"), audience)
    late = Listens()
    audience.members[late] = None
    laters.rounds.carry(batch("b"), audience)
    laters.rounds.finish()
    assert {tuple(one.body for one in member.batches) for member in members} == {(b"a", b"b")}
    assert [one.body for one in late.batches] == [b"b"]


def test_who_fell_behind_amid_the_rounds_gets_no_later_batch() -> None:
    """It would hide what lies between."""
    audience, members = crowd(SLICE + 1)
    laters = Laters()
    laters.rounds.carry(batch("a"), audience)
    members[-1].in_step = False
    laters.rounds.finish()
    assert members[-1].batches == []


def test_one_that_breaks_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged and left out."""
    audience, members = crowd(3)

    def broken(batch: Batch) -> bool:
        raise OSError("gone")

    members[1].take = broken  # type: ignore[method-assign] # a door that breaks
    laters = Laters()
    laters.rounds.carry(batch("a"), audience)
    assert [len(member.batches) for member in members] == [1, 0, 1]
    assert (members[1].in_step, "the others go on" in caplog.text) == (False, True)
