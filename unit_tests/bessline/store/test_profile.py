"""The profile of a signal: exact figures however the rows are cut into blocks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessline.signals import lookup
from bessline.sources.decimals import Decimals
from bessline.sources.seconds import Seconds
from bessline.store.profile import SignalProfile

_STEPS = st.integers(1, 10**6) | st.sampled_from([30_000, 31_000]) | st.integers(1, 9).map(lambda n: n * 1000)


@given(
    st.lists(st.tuples(_STEPS, st.none() | st.integers(-50, 150)), min_size=1, max_size=60),
    st.integers(1, 40),
)
def test_the_figures_are_those_of_the_whole_series(steps: list[tuple[int, int | None]], cut: int) -> None:
    """Median, gaps, range and counts equal those computed at once, whatever the blocks, seconds or not."""
    t_ms = np.cumsum([step for step, _ in steps])
    value = np.array([np.nan if v is None else float(v) for _, v in steps])
    profile = SignalProfile(lookup("bms", "soc"))
    for start in range(0, len(t_ms), cut):
        stamps = t_ms[start : start + cut]
        profile.add(Seconds.of(stamps) or stamps, value[start : start + cut])
    entry = profile.entry("f", size=1)
    present = value[~np.isnan(value)]
    between = np.diff(t_ms[~np.isnan(value)])
    assert (entry.rows, entry.markers) == (len(t_ms), len(t_ms) - len(present))
    assert (entry.start_ms, entry.end_ms) == (t_ms[0], t_ms[-1])
    assert entry.out_of_range == ((present < 0) | (present > 100)).sum()
    if len(present):
        assert (entry.low, entry.high) == (present.min(), present.max())
    if len(between):
        median = np.median(between)
        assert entry.period_s == median / 1000
        assert entry.gaps == (between > 3 * median).sum()


def test_one_value_has_no_period() -> None:
    """A lone value knows its span but no period, and no gap."""
    profile = SignalProfile(None)
    profile.add(np.array([5000]), np.array([1.0]))
    entry = profile.entry("f", size=1)
    assert (entry.period_s, entry.gaps, entry.start_ms, entry.end_ms) == (None, 0, 5000, 5000)


def test_markers_alone_have_no_range() -> None:
    """Only "missing": no lowest and no highest value is invented."""
    profile = SignalProfile(None)
    profile.add(np.array([0, 1000]), np.array([np.nan, np.nan]))
    entry = profile.entry("f", size=1)
    assert (entry.low, entry.high, entry.markers) == (None, None, 2)


def test_decimals_are_profiled_as_their_floats_are() -> None:
    """Range, places out of it, and steps."""
    t_ms, value = np.array([0, 30_000, 61_000, 10_000_000]), Decimals(np.array([-5, 1005, 999, 0], np.int32), 1)
    found = []
    for numbers in (value, value.value):
        profile = SignalProfile(lookup("bms", "soc"))
        profile.add(t_ms, numbers)
        found.append(profile.entry("f", size=1))
    assert found[0] == found[1]
    assert (found[0].low, found[0].high, found[0].out_of_range) == (-0.5, 100.5, 2)
