"""Registers: what a fall means, one rule a test, and however the rows are cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.signals import lookup
from bessline.store.counters import CONTEXT, NOTHING, Counting, counting_of, increments


def _grown(values: list[float], counting: Counting = "rising") -> list[float]:
    found: list[float] = increments(np.array(values), NOTHING, counting).tolist()
    return found


def test_a_register_grows_by_its_steps() -> None:
    """The first value has no increment: what was before it is not known."""
    assert _grown([100.0, 101.0, 101.0, 105.0]) == [0, 1, 0, 4]


def test_a_reset_counts_from_zero() -> None:
    """After a fall to near zero the register has counted from zero."""
    assert _grown([500.0, 3.0, 5.0]) == [0, 3, 2]


@pytest.mark.parametrize("limit", [1e5, 1e6, 2.0**32, 2.0**32 / 100, 2.0**16])
def test_a_rollover_goes_over_the_limit(limit: float) -> None:
    """From just under a power of ten or two (also of hundredths) to near zero: the way between is the increment."""
    assert _grown([limit - 4, 6.0]) == [0, 10]


def test_a_register_beyond_every_limit_does_not_roll_over() -> None:
    """What falls from there to near zero was reset."""
    assert _grown([5e19, 7.0]) == [0, 7]


def test_a_fall_that_nothing_explains_is_no_energy() -> None:
    """Neither negative nor invented; what grows afterwards counts."""
    assert _grown([500.0, 400.0, 401.0]) == [0, 0, 1]


def test_a_dip_to_zero_for_one_row_is_no_reset() -> None:
    """The register is back above where it was: a whole register's worth of energy must not appear."""
    assert _grown([5000.0, 0.0, 5002.0]) == [0, 0, 2]
    assert sum(_grown([5000.0, 7.0, 5002.0])) == 2


def test_a_net_register_runs_both_ways() -> None:
    """Its falls are energy that went the other way; only a fall to exactly zero is a reset."""
    assert _grown([500.0, 400.0, 401.0, 0.0, 2.0], "both ways") == [0, -100, 1, 0, 2]


def test_only_counters_count() -> None:
    """A measure does not; a counter with a direction runs both ways."""
    assert counting_of(lookup("bms", "soc")) is None
    assert counting_of(None) is None
    assert counting_of(lookup("meter", "export_energy")) == "rising"
    assert counting_of(lookup("aux", "active_energy")) == "both ways"


_REGISTER = st.lists(st.sampled_from([0.0, 1.0, 7.0, 50.0, 51.0, 60.0, 99_990.0, 99_995.0]), min_size=1, max_size=20)


@given(_REGISTER, st.integers(1, 6), st.sampled_from(["rising", "both ways"]))
def test_increments_need_only_the_two_values_before(values: list[float], cut: int, counting: Counting) -> None:
    """Cut anywhere, with the two values before as context, the increments are those of the whole."""
    parts = [
        increments(np.array(values[start : start + cut]), np.array(values[max(0, start - CONTEXT) : start]), counting)
        for start in range(0, len(values), cut)
    ]
    assert np.concatenate(parts).tolist() == _grown(values, counting)
    if counting == "rising":
        assert sum(_grown(values)) >= 0
