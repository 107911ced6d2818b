"""Merging of readings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bessline.live.merge import Merge

VALUES = st.lists(st.none() | st.floats(-100, 100), min_size=1, max_size=20)


@given(VALUES)
def test_no_peak_is_hidden(values: list[float | None]) -> None:
    """The window holds the extremes, the row is the newest, and missing stays missing."""
    merge = Merge(("soc",))
    for t_ms, value in enumerate(values):
        merge.add(t_ms, {"soc": value})
    known = [value for value in values if value is not None]
    assert merge.window() == {"soc": {"min": min(known, default=None), "max": max(known, default=None)}}
    assert (merge.count, merge.t_ms, merge.row["soc"]) == (len(values), len(values) - 1, values[-1])


def test_a_zero_is_a_value() -> None:
    """Zero is not missing."""
    merge = Merge(("power",))
    merge.add(0, {"power": 5.0})
    merge.add(1, {"power": 0.0})
    assert merge.window() == {"power": {"min": 0.0, "max": 5.0}}


def test_a_copy_goes_its_own_way() -> None:
    """What is added to a copy does not change the original."""
    merge = Merge(("soc",))
    merge.add(0, {"soc": 1.0})
    copy = merge.copy()
    copy.add(1, {"soc": 9.0})
    assert (merge.count, merge.window()["soc"]["max"]) == (1, 1.0)
    assert (copy.count, copy.window()["soc"]["min"]) == (2, 1.0)
