"""Codings: what goes in comes out, bit for bit, in as few digits as it needs."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.sources.base import Float64
from bessline.store.coding import Coding, encoded

_NUMBERS = (
    st.floats(allow_nan=True, allow_infinity=False)
    | st.integers(-(10**17), 10**17).map(float)
    | st.decimals(-(10**6), 10**6, places=3).map(float)
    | st.decimals(-99, 99, places=1).map(float)
)


def coding_of(value: Float64) -> Coding:
    """What the values are coded in."""
    return Coding.of_type(encoded(value).type)


@given(st.lists(_NUMBERS, max_size=30))
def test_every_float_comes_back(numbers: list[float]) -> None:
    """Whatever coding is chosen; NaN is null and back."""
    value = np.array(numbers, np.float64)
    array = encoded(value)
    coding = Coding.of_type(array.type)
    assert array.type == coding.type
    np.testing.assert_array_equal(coding.decode(pa.chunked_array([array])), value)
    assert array.null_count == np.isnan(value).sum()


@given(st.lists(_NUMBERS, min_size=1, max_size=10), st.lists(_NUMBERS, min_size=1, max_size=10))
def test_a_coding_beyond_holds_what_the_narrower_held(before: list[float], after: list[float]) -> None:
    """A file goes on with it, and its first rows must fit still."""
    first, later = np.array(before), np.array(after)
    coding = coding_of(first)
    if coding.encode(later) is None:
        wider = Coding.of_type(encoded(later, beyond=coding).type)
        assert wider.encode(later) is not None
        np.testing.assert_array_equal(wider.decode(pa.chunked_array([wider.encode(first)])), first)


@pytest.mark.parametrize(
    ("value", "coding"),
    [
        ([41.0, 97.0, np.nan], Coding(0)),
        ([800.1], Coding(1)),
        ([3.301, -0.5], Coding(3)),
        ([0.0000001], Coding()),
        ([1e12], Coding(0, is_wide=True)),
        ([123_456.7891], Coding(4, is_wide=True)),
        ([1e16], Coding()),
        ([], Coding(0)),
    ],
)
def test_the_smallest_coding_is_taken(value: list[float], coding: Coding) -> None:
    """As few decimals as there are; nine digits if they suffice; floats where decimals would lie."""
    assert coding_of(np.array(value, np.float64)) == coding


def test_a_slice_decodes_as_itself() -> None:
    """A column that begins amid its memory gives its own rows, nulls in their places."""
    value: Float64 = np.array([1.5, 2.5, np.nan, 4.5])
    array = encoded(value).slice(1)
    np.testing.assert_array_equal(Coding(1).decode(pa.chunked_array([array])), value[1:])
