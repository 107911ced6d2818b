"""Throughput counts each direction and bridges no gap."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.analytics.throughput import Throughput


def counted(*steps: tuple[int, float]) -> Throughput:
    throughput = Throughput(longest_ms=90_000)
    for t_s, amps in steps:
        throughput.add(t_s * 1000, amps)
    return throughput


def test_in_and_out_do_not_cancel() -> None:
    both = counted((0, 60.0), (60, 60.0), (120, -60.0), (180, -60.0))
    assert [both.out_ah, both.in_ah] == pytest.approx([1.5, 1.5])


def test_a_missing_value_is_a_gap_on_both_sides() -> None:
    holed = counted((0, 60.0), (60, math.nan), (120, 60.0), (180, 60.0))
    assert holed.out_ah == pytest.approx(1.0)
    assert holed.coverage == pytest.approx(1 / 3)


def test_nothing_counted_covers_nothing() -> None:
    assert counted((0, math.nan), (60, math.nan)).coverage == 0.0


@given(st.lists(st.floats(-200, 200) | st.just(math.nan), min_size=2, max_size=50))
def test_the_difference_is_the_integral(amps: list[float]) -> None:
    """Out minus in is the net charge over the covered steps, for any current."""
    throughput = counted(*((n * 60, value) for n, value in enumerate(amps)))
    pairs = [(a + b) / 2 / 60 for a, b in pairwise(amps) if a == a and b == b]
    assert throughput.out_ah - throughput.in_ah == pytest.approx(sum(pairs), abs=1e-9)
    assert min(throughput.out_ah, throughput.in_ah) >= 0
