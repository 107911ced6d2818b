"""The pyramid with rows in memory: equal to recomputation, and cheap where nothing has changed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessline.errors import NotKnown
from bessline.sources.base import Float64, Int64
from bessline.store import Store, ingest
from bessline.store.counters import Counting
from bessline.store.inlet import Inlet
from bessline.store.live_pyramid import LivePyramid
from bessline.store.overlay import NO_STAMPS
from bessline.store.pyramid import LEVELS, Buckets, Level, coarser, fold
from unit_tests.batches import batch_of
from unit_tests.bessline.store.test_pyramid import as_rows
from unit_tests.plants import signal_job, source_of

ALL = (-(2**60), 2**60)
_STAMPS = st.integers(0, 400_000).map(lambda n: n * 1000)
_ROWS = st.dictionaries(_STAMPS, st.sampled_from([1.0, 2.0, 30.0, 31.0, 0.0, np.nan]), min_size=1, max_size=12)


class Rows:
    """Rows in memory as a column, which counts what is read of them."""

    def __init__(self, rows: dict[int, float]) -> None:
        self.t_ms = np.array(sorted(rows), np.int64)
        self.value = np.array([rows[t] for t in sorted(rows)])
        self.read = 0

    def between(self, first_ms: int, last_ms: int) -> tuple[Int64, Float64]:
        low, high = np.searchsorted(self.t_ms, first_ms), np.searchsorted(self.t_ms, last_ms, side="right")
        self.read += int(high - low)
        return self.t_ms[low:high], self.value[low:high]


class Below:
    """What a file would hold."""

    def __init__(self, rows: Rows, counting: Counting | None) -> None:
        self._five = fold(rows.t_ms, rows.value, counting=counting)

    def between(self, level: Level, first_ms: int, last_ms: int) -> Buckets:
        found = coarser(self._five, level)
        return found.at((found.t_ms > first_ms - LEVELS[level]) & (found.t_ms <= last_ms))


@settings(max_examples=200)
@given(_ROWS, _ROWS, st.sampled_from(list(LEVELS)), st.sampled_from([None, "rising", "both ways"]), _STAMPS, _STAMPS)
def test_rows_in_memory_read_as_if_they_were_folded_in(
    stored: dict[int, float],
    late: dict[int, float],
    level: Level,
    counting: Counting | None,
    first_ms: int,
    last_ms: int,
) -> None:
    """New, late and replacing rows, any range: the buckets are those of all rows folded at once."""
    both = Rows(stored | late)
    live = LivePyramid(
        both,
        Below(Rows(stored), counting),
        changed=np.array(sorted(late), np.int64),
        span_ms=(int(both.t_ms[0]), int(both.t_ms[-1])),
        counting=counting,
    )
    whole = fold(both.t_ms, both.value, level=level, counting=counting)
    assert as_rows(live.between(level, *ALL)) == as_rows(whole)
    first_ms, last_ms = min(first_ms, last_ms), max(first_ms, last_ms)
    touched = whole.at((whole.t_ms > first_ms - LEVELS[level]) & (whole.t_ms <= last_ms))
    assert as_rows(live.between(level, first_ms, last_ms)) == as_rows(touched)


def test_only_the_rows_of_changed_buckets_are_read() -> None:
    """A million stored rows and one new one: at most its bucket's rows are looked at."""
    rows = {n * 1000: 1.0 for n in range(100_000)}
    both = Rows(rows | {100_000_000: 5.0})
    live = LivePyramid(both, Below(Rows(rows), None), changed=both.t_ms[-1:], span_ms=(0, 100_000_000))
    assert live.between("5min", *ALL).n.sum() == 100_001
    assert both.read <= 300


def test_without_a_file_all_is_folded_from_the_rows() -> None:
    """A store of an earlier version has no pyramids and still answers."""
    rows = Rows({0: 1.0, 1000: 3.0, 400_000: 2.0})
    live = LivePyramid(rows, None, changed=NO_STAMPS, span_ms=(0, 400_000))
    assert as_rows(live.between("5min", *ALL)) == as_rows(fold(rows.t_ms, rows.value))


def test_a_store_answers_with_what_was_just_written(tmp_path: Path) -> None:
    """Live rows show in the buckets at once, and the same after they were sealed into the files."""
    at = np.arange(0, 86_400, 30)
    job = signal_job(tmp_path / "raw", "b1/bms.soc", at, (at % 7).astype(np.float64))
    ingest([source_of(tmp_path / "raw", job, whole_rows=True)], tmp_path / "s", workers=0)
    inlet = Inlet(Store.open(tmp_path / "s"))
    inlet.write([batch_of("b1", "bms", [(86_430, {"soc": 50.0}), (60, {"soc": 99.0}), (90, {"soc": None})])])
    alive = {level: as_rows(inlet.store.pyramid("b1", "bms.soc").between(level, *ALL)) for level in LEVELS}
    assert alive["1d"][0][2:5] == (2879, 0.0, 99.0)
    assert alive["1d"][1][2:6] == (1, 50.0, 50.0, 50.0)
    inlet.seal(workers=0)
    sealed = Store.open(tmp_path / "s").pyramid("b1", "bms.soc")
    assert {level: as_rows(sealed.between(level, *ALL)) for level in LEVELS} == alive


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """An unknown device or signal is `NotKnown` with the names nearest to it."""
    job = signal_job(tmp_path / "raw", "b1/bms.soc", [0, 30], [1, 2])
    ingest([source_of(tmp_path / "raw", job)], tmp_path / "s", workers=0)
    store = Store.open(tmp_path / "s")
    with pytest.raises(NotKnown, match="did you mean 'b1'"):
        store.pyramid("b11", "bms.soc")
    with pytest.raises(NotKnown, match=r"did you mean 'bms\.soc'"):
        store.pyramid("b1", "bms.sock")
