"""Decimals: the floats that they stand for, bit for bit, whatever is done to them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.decimals import MOST, Decimals, joined, value_of

_DECIMALS = st.builds(
    lambda numbers, places: Decimals(np.array(numbers, np.int32), places),
    st.lists(st.integers(-MOST, MOST) | st.integers(-20, 20).map(lambda n: n * 100), min_size=1, max_size=6),
    st.integers(0, 6),
)


@given(_DECIMALS)
def test_values_are_the_floats_that_python_reads(decimals: Decimals) -> None:
    """3301 with three places is what the text 3.301 means."""
    assert decimals.value.tolist() == [float(f"{number}e-{decimals.places}") for number in decimals.number.tolist()]
    assert decimals.negative.value.tolist() == [0 - each for each in decimals.value.tolist()]


@given(_DECIMALS, st.integers(0, 9))
def test_another_number_of_places_changes_no_value(decimals: Decimals, places: int) -> None:
    """Or there is none: digits would be lost, or more than nine."""
    other = decimals.with_places(places)
    if other is None:
        too_few = decimals.shortest.places > places
        assert too_few or np.abs(decimals.shortest.value).max() * 10.0**places > MOST
    else:
        assert other.places == places
        assert other.value.tolist() == decimals.value.tolist()


@given(_DECIMALS)
def test_the_shortest_form_ends_in_no_zero_of_all(decimals: Decimals) -> None:
    """One number with another last digit keeps the place for all."""
    found = decimals.shortest
    assert found.value.tolist() == decimals.value.tolist()
    assert not found.places or (found.number % 10).any()


@given(st.lists(_DECIMALS | st.lists(st.floats(-9, 9), max_size=3).map(lambda v: np.array(v, np.float64)), min_size=1))
def test_joined_parts_keep_their_order_and_values(parts: list[Decimals]) -> None:
    """Decimals of other places, and floats among them."""
    wanted = [value for part in parts for value in value_of(part).tolist()]
    assert value_of(joined(parts)).tolist() == wanted
    assert value_of(joined(parts)[1:]).tolist() == wanted[1:]
