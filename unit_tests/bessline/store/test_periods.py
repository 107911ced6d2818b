"""Periods: what a topic's steps say of its grid."""

from dataclasses import replace

from bessline.store.manifest import SignalEntry
from bessline.store.periods import LONE_PERIOD_S, first_period_s


def test_without_any_step_it_is_a_minute() -> None:
    """One value tells no period, and half a second makes the finest grid of one second."""
    lone = SignalEntry(
        file="a", bytes=1, rows=1, markers=0, start_ms=0, end_ms=0, period_s=None, gaps=0, gap_s=0, low=1, high=1,
        out_of_range=0,
    )  # fmt: skip
    assert first_period_s([lone], whole_rows=True) == LONE_PERIOD_S == 60
    assert first_period_s([lone, replace(lone, period_s=0.4)], whole_rows=False) == 1
