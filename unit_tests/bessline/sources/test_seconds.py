"""Seconds: the instants that they stand for, whatever is done to them."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from bessline.sources.seconds import LAST_S, Seconds, Stamps, earlier, joined_stamps, t_ms_of, ticks_of

_SECONDS = st.lists(st.integers(0, LAST_S), max_size=6).map(lambda found: Seconds(np.array(found, np.uint32)))
_ANY = st.lists(st.integers(-(2**40), 2**43), max_size=6).map(lambda found: np.array(found, np.int64))


@given(_SECONDS | _ANY)
@example(np.array([LAST_S * 1000]))
@example(np.array([(LAST_S + 1) * 1000]))
@example(np.array([-1000]))
def test_what_stands_in_seconds_are_whole_seconds_up_to_2106_and_nothing_else(stamps: Stamps) -> None:
    """What they do not hold they refuse."""
    t_ms = t_ms_of(stamps)
    fits = all(each % 1000 == 0 and 0 <= each <= LAST_S * 1000 for each in t_ms.tolist())
    seconds = Seconds.of(t_ms)
    assert (seconds is not None) == fits
    if seconds is not None:
        assert seconds.t_ms.tolist() == t_ms.tolist()


@given(_SECONDS | _ANY, st.integers(-(2**43), 2**43) | st.integers(-(2**32), 2**32).map(lambda second: second * 1000))
@example(Seconds(np.array([0, LAST_S], np.uint32)), -1000)
@example(Seconds(np.array([0, LAST_S], np.uint32)), 1000)
def test_moving_stamps_moves_their_instants(stamps: Stamps, by_ms: int) -> None:
    """Beyond what seconds reach, too."""
    assert t_ms_of(earlier(stamps, by_ms)).tolist() == (t_ms_of(stamps) - by_ms).tolist()


@given(st.lists(_SECONDS | _ANY, min_size=1, max_size=4))
def test_joined_stamps_are_all_of_them_and_seconds_if_all_are(parts: list[Stamps]) -> None:
    """In their order."""
    found = joined_stamps(parts)
    assert t_ms_of(found).tolist() == [t for part in parts for t in t_ms_of(part).tolist()]
    assert isinstance(found, Seconds) == all(isinstance(part, Seconds) for part in parts)


@given(_SECONDS | _ANY)
def test_ticks_count_milliseconds(stamps: Stamps) -> None:
    """However they stand."""
    number, tick_ms = ticks_of(stamps)
    assert [int(each) * tick_ms for each in number] == t_ms_of(stamps).tolist()
