"""Extremes of groups: as a loop over each group finds them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.store.extremes import Column, extremes

_GROUPS = st.lists(
    st.lists(st.integers(-3, 3) | st.sampled_from([-(10**9), 10**9, (1 << 23) - 1, -(1 << 23) + 1]), min_size=1),
    min_size=1, max_size=8,
)  # fmt: skip


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float64])
@given(groups=_GROUPS, longer=st.integers(1, 40))
def test_each_group_is_as_a_loop_finds_it(kind: type[np.generic], groups: list[list[int]], longer: int) -> None:
    """First of equal ones, small and large numbers, short groups and one of many rows."""
    groups = [groups[0] * longer, *groups[1:]]
    value: Column = np.array([each for group in groups for each in group], kind)
    ends = np.cumsum([len(group) for group in groups])
    begins = ends - [len(group) for group in groups]
    found = extremes(value, value, begins, ends)
    assert found.lowest.tolist() == [min(group) for group in groups]
    assert found.highest.tolist() == [max(group) for group in groups]
    assert (found.at_lowest - begins).tolist() == [group.index(min(group)) for group in groups]
    assert (found.at_highest - begins).tolist() == [group.index(max(group)) for group in groups]
    if kind is np.float64:
        assert found.total is None
    else:
        assert found.total is not None
        assert found.total.tolist() == [sum(group) for group in groups]


def test_lowest_and_highest_may_be_of_two_columns() -> None:
    """As those of buckets are."""
    low, high = np.array([1, 0, 2]), np.array([5, 9, 9])
    found = extremes(low, high, np.array([0]), np.array([3]))
    assert [column.tolist() for column in found[:4]] == [[0], [1], [9], [1]]
    assert found.total is None
