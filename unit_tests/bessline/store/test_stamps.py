"""Stamps: what goes in comes out, in seconds only where all are whole."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from bessline.store.stamps import MILLISECONDS, SECONDS, StampCoding

YEAR_2106_S = 2**32
_STAMPS = st.integers(-(2**40), 2**43) | st.integers(0, YEAR_2106_S + 9).map(lambda second: second * 1000)


@given(st.lists(_STAMPS, max_size=20))
def test_seconds_hold_whole_seconds_up_to_2106_and_nothing_else(stamps: list[int]) -> None:
    """What they do not hold they refuse; milliseconds hold everything."""
    t_ms = np.array(stamps, np.int64)
    fits = all(each % 1000 == 0 and 0 <= each < YEAR_2106_S * 1000 for each in stamps)
    for coding, expected in ((SECONDS, fits), (MILLISECONDS, True)):
        array = coding.encode(t_ms)
        assert (array is not None) == expected
        if array is not None:
            assert array.type == coding.type
            assert coding.decode(pa.chunked_array([array])).tolist() == stamps


def test_the_bounds_of_a_column_are_its_stamps_even_where_their_highest_bit_is_set() -> None:
    """Statistics as they stand in a file know no sign."""
    late = YEAR_2106_S - 1
    assert SECONDS.bounds([1, late - 2**32]).tolist() == [1000, late * 1000]
    assert MILLISECONDS.bounds([-5, 7]).tolist() == [-5, 7]


def test_a_file_says_by_the_name_of_its_first_column_how_its_stamps_stand() -> None:
    assert StampCoding.of_names(["t_s", "value"]) == SECONDS
    assert StampCoding.of_names(["t"]) == MILLISECONDS


@given(st.lists(st.integers(0, 99), max_size=20), st.integers(-(2**50), 2**50) | st.integers(-2000, 101_000))
def test_a_search_among_the_numbers_is_one_among_their_stamps(seconds: list[int], t_ms: int) -> None:
    """From both sides, for instants between two of them, before all and behind all."""
    stamps = np.sort(np.array(seconds, np.int64)) * 1000
    for coding in (SECONDS, MILLISECONDS):
        number = coding.numbers(pa.chunked_array([coding.encode(stamps)]))
        for side in ("left", "right"):
            assert coding.search(number, t_ms, side=side) == stamps.searchsorted(t_ms, side=side)
        np.testing.assert_array_equal(coding.stamps(number), stamps)
