"""The pyramid: each bucket is what a slow, obvious loop over its rows says, at every level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.sources.base import Float64, Int64
from bessline.sources.decimals import Decimals
from bessline.sources.seconds import Seconds
from bessline.store.counters import NOTHING, Counting, increments
from bessline.store.pyramid import LEVELS, NO_BUCKETS, Buckets, Folding, Level, Whole, coarser, fold, joined

HOUR = 3_600_000
#: Quarters, so that sums are exact whatever their order.
_VALUES = st.none() | st.integers(-20, 400).map(lambda n: n / 4)
_ROWS = st.lists(st.tuples(st.integers(1, 2_000_000), _VALUES), max_size=80)


def _arrays(rows: list[tuple[int, float | None]]) -> tuple[Int64, Float64]:
    t_ms = np.cumsum(np.array([step for step, _ in rows], np.int64))
    return t_ms, np.array([np.nan if value is None else value for _, value in rows], np.float64)


def obvious(t_ms: Int64, value: Float64, level: Level, counting: Counting | None = None) -> list[tuple[float, ...]]:
    """Buckets as rows of numbers, by a loop that anybody can check."""
    rows = [(t, v) for t, v in zip(t_ms.tolist(), value.tolist(), strict=True) if v == v]
    values = np.array([v for _, v in rows])
    amount = values if counting is None else increments(values, NOTHING, counting)
    held: dict[int, list[tuple[int, float, float]]] = {}
    for (t, v), part in zip(rows, amount.tolist(), strict=True):
        held.setdefault(t // LEVELS[level] * LEVELS[level], []).append((t, v, part))
    found: list[tuple[float, ...]] = []
    for start, inside in held.items():
        low, high = min(v for _, v, _ in inside), max(v for _, v, _ in inside)
        at_low, at_high = (next(t for t, v, _ in inside if v == wanted) for wanted in (low, high))
        total = sum(part for _, _, part in inside)
        found.append((start, total, len(inside), low, high, inside[-1][1], at_low, at_high))
    return found


def as_rows(buckets: Buckets) -> list[tuple[float, ...]]:
    """The same form of what was folded."""
    return list(zip(*(column.tolist() for column in buckets.columns()), strict=True))


@given(_ROWS, st.sampled_from(list(LEVELS)), st.sampled_from([None, "rising", "both ways"]))
def test_a_level_is_what_its_rows_say(
    rows: list[tuple[int, float | None]], level: Level, counting: Counting | None
) -> None:
    """Sum, n, min, max, last and the stamps of the first lowest and highest; markers are no values."""
    t_ms, value = _arrays(rows)
    assert as_rows(fold(t_ms, value, level=level, counting=counting)) == obvious(t_ms, value, level, counting)


@given(_ROWS, st.integers(1, 9), st.sampled_from([None, "rising"]))
def test_blocks_do_not_show(rows: list[tuple[int, float | None]], cut: int, counting: Counting | None) -> None:
    """Cut into blocks anywhere, the buckets are those of the whole."""
    t_ms, value = _arrays(rows)
    folding = Folding(counting)
    for start in range(0, len(t_ms), cut):
        folding.add(t_ms[start : start + cut], value[start : start + cut])
    assert as_rows(folding.buckets()) == as_rows(fold(t_ms, value, counting=counting))


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([10, 100, 700]))
def test_a_finer_level_gives_the_same_bits_as_the_rows(seed: int, step_ms: int) -> None:
    """Any floats, thousands of rows a bucket, and whichever level is between: bit for bit."""
    rng = np.random.default_rng(seed)
    t_ms = np.cumsum(rng.integers(1, step_ms, 20_000)) + 17
    value = np.round(rng.normal(3.3, 0.1, len(t_ms)), 2)
    five, hour = fold(t_ms, value), fold(t_ms, value, level="1h")
    assert as_rows(coarser(coarser(five, "15min"), "1h", of="15min")) == as_rows(coarser(five, "1h")) == as_rows(hour)
    for bucket, wanted in zip(as_rows(hour), obvious(t_ms, value, "1h"), strict=True):
        assert bucket[2:] == wanted[2:]
        assert bucket[1] == pytest.approx(wanted[1], rel=1e-12)


def test_an_increment_belongs_to_the_bucket_of_the_later_row() -> None:
    """A bucket's first increment is since the last row of the bucket before."""
    buckets = fold(np.array([HOUR - 1, HOUR, 2 * HOUR]), np.array([10.0, 14.0, 15.0]), level="1h", counting="rising")
    assert (buckets.sum.tolist(), buckets.last.tolist()) == ([0, 4, 1], [10, 14, 15])


def test_flags_are_seen_by_their_max() -> None:
    """One row of smoke in a day shows, with its stamp."""
    t_ms = np.arange(0, 24 * HOUR, 60_000)
    value = np.zeros(len(t_ms))
    value[777] = 1.0
    day = fold(t_ms, value, level="1d")
    assert (day.max.tolist(), day.t_max_ms.tolist()) == ([1.0], [777 * 60_000])


def test_markers_alone_make_no_bucket() -> None:
    """Nothing is invented where nothing was measured."""
    assert len(fold(np.array([0, 1]), np.array([np.nan, np.nan]))) == 0
    assert joined([]) is NO_BUCKETS


_STEPS_MS = st.integers(1, 900_000) | st.integers(1, 900).map(lambda second: second * 1000)


@given(
    st.lists(st.tuples(_STEPS_MS, st.integers(-(10**6), 10**6)), min_size=1, max_size=80),
    st.lists(st.integers(0, 4), min_size=1, max_size=5),
    st.integers(1, 30),
)
def test_decimals_fold_to_what_their_floats_fold_to(rows: list[tuple[int, int]], places: list[int], cut: int) -> None:
    """Bit for bit, at every level, with other places in each block, floats among them (4 places), and seconds."""
    t_ms, number = np.cumsum([step for step, _ in rows]), np.array([n for _, n in rows], np.int32)
    whole, floats = Folding(), Folding()
    for index, start in enumerate(range(0, len(t_ms), cut)):
        block = Decimals(number[start : start + cut], places[index % len(places)])
        stamps = t_ms[start : start + cut]
        whole.add(Seconds.of(stamps) or stamps, block.value if block.places == 4 else block)
        floats.add(t_ms[start : start + cut], block.value)
    expected, found = floats.buckets(), whole.buckets()
    assert as_rows(found) == as_rows(expected)
    numbers, tick_ms, shared = whole.whole()
    day = Whole(coarser(numbers, "1d", tick_ms=tick_ms), tick_ms, shared).real
    assert as_rows(day) == as_rows(coarser(expected, "1d"))


def test_a_sum_of_more_than_nine_digits_is_what_it_is() -> None:
    """At the finest level, and where it becomes so at a coarser one."""
    folding = Folding()
    folding.add(np.array([0, 1000, 400_000]), Decimals(np.array([999_999_999] * 3, np.int32), 3))
    finest, tick_ms, places = folding.whole()
    day = Whole(coarser(finest, "1d", tick_ms=tick_ms), tick_ms, places).real
    assert folding.buckets().sum.tolist() == [1_999_999.998, 999_999.999]
    assert day.sum.tolist() == [2_999_999.997]
