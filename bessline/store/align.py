"""Alignment: the value of a signal at given instants, never from the future and never too old."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from bessline.sources.base import Float64, Int64
from bessline.store.columns import ColumnFile, ColumnWriter, RowGroupCache
from bessline.store.overlay import Column, Mask
from bessline.store.runs import windows

_WINDOW = 65_536
#: From so many instants on, a join is worth its constant cost.
MANY = 8_192


def as_of(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> tuple[Float64, Float64]:
    """Newest value at or before each instant, and its age.

    Parameters
    ----------
    instants: int64[m], rising, ms.
    t_ms, value: int64[n] rising and float64[n], NaN where the source said "missing".
    tolerance_ms: a value older than this is no value.

    Returns
    -------
    float64[m] values and float64[m] ages in seconds, both NaN where there is no value.

    >>> as_of(np.array([5, 10, 99]), np.array([4, 9]), np.array([1.0, 2.0]), tolerance_ms=6)[0]
    array([ 1.,  2., nan])
    """
    if not len(t_ms):
        nothing = np.full(len(instants), np.nan)
        return nothing, nothing
    index = np.searchsorted(t_ms, instants, side="right") - 1
    age_ms = instants - t_ms[index]
    taken = np.where((index >= 0) & (age_ms <= tolerance_ms), value[index], np.nan)
    return taken, np.where(np.isnan(taken), np.nan, age_ms / 1000)


def values_as_of(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> Float64:
    """The values of `as_of` alone, which is what many rows at a time are wanted for.

    >>> values_as_of(np.array([5, 10, 99]), np.array([4, 9]), np.array([1.0, 2.0]), tolerance_ms=6)
    array([ 1.,  2., nan])
    """
    if len(instants) < MANY or not len(t_ms):
        return as_of(instants, t_ms, value, tolerance_ms=tolerance_ms)[0]
    # one pass over both instead of a search for each instant; NaN is a value here, so that a marker ends the one before
    left = pl.DataFrame([pl.Series("t", instants).set_sorted()])
    right = pl.DataFrame([pl.Series("t", t_ms).set_sorted(), pl.Series("value", value)])
    found: Float64 = left.join_asof(right, on="t", tolerance=tolerance_ms)["value"].to_numpy()
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A signal's file and how long (ms) each of its values holds."""

    path: Path
    tolerance_ms: int


@dataclass(frozen=True, slots=True)
class TimelineSummary:
    """What a written timeline holds; `gap_ms` is the time lost in steps longer than three periods."""

    rows: int
    start_ms: int | None
    end_ms: int | None
    gap_ms: int


def write_timeline(
    signals: Sequence[Held], target: Path, *, period_ms: int, stamps: Sequence[Path], grid: bool
) -> TimelineSummary:
    """Write the stamps at which a topic has a reading: those where at least one signal has a value.

    `stamps` names files whose own stamps are instants (whole rows); with `grid` those of the grid of `period_ms` are
    instants, too. Memory is bounded by one window of instants and the blocks of rows under it.
    """
    files = [(ColumnFile(held.path, RowGroupCache(max_bytes=8 << 20)), held.tolerance_ms) for held in signals]
    instants = _with_grid(files, period_ms, stamps) if grid else _own_stamps(stamps)
    writer = ColumnWriter(target, values=False)
    start: int | None = None
    end: int | None = None
    gap_ms = 0
    try:
        for window in instants:
            present = window[any_value(files, window)]
            if not len(present):
                continue
            steps = np.diff(present if end is None else np.concatenate([[end], present]))
            gap_ms += int((steps - period_ms)[steps > 3 * period_ms].sum())
            start, end = int(present[0]) if start is None else start, int(present[-1])
            writer.append(present)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return TimelineSummary(rows=writer.rows, start_ms=start, end_ms=end, gap_ms=gap_ms)


def _with_grid(files: Sequence[tuple[ColumnFile, int]], period_ms: int, stamps: Sequence[Path]) -> Iterator[Int64]:
    first = min(int(file.first_ms[0]) for file, _ in files)
    last = max(int(file.last_ms[-1]) + tolerance for file, tolerance in files)
    opened = [ColumnFile(path, RowGroupCache(max_bytes=8 << 20)) for path in stamps]
    return instants(first, last, period_ms=period_ms, own=lambda low, high: [f.between(low, high)[0] for f in opened])


def instants(
    first_ms: int, last_ms: int, *, period_ms: int, own: Callable[[int, int], Sequence[Int64]]
) -> Iterator[Int64]:
    """The instants k x `period_ms` from `first_ms` to `last_ms`, and between them those that `own` gives, in windows.

    `own(low_ms, high_ms)` gives stamps of whole rows, both ends included.

    >>> [window.tolist() for window in instants(5, 32, period_ms=10, own=lambda low, high: [np.array([7, 20, 25])])]
    [[7, 10, 20, 25, 30]]
    """
    k_first, k_last = -(-first_ms // period_ms), last_ms // period_ms
    low = first_ms
    for k in range(k_first, k_last + 1, _WINDOW):
        grid = np.arange(k, min(k + _WINDOW, k_last + 1), dtype=np.int64) * period_ms
        high = min(int(grid[-1]) + period_ms - 1, last_ms)
        beside = [stamps for stamps in own(low, high) if len(stamps)]
        yield np.unique(np.concatenate([grid, *beside])) if beside else grid
        low = high + 1
    if low == first_ms:
        yield np.unique(np.concatenate([np.empty(0, np.int64), *own(first_ms, last_ms)]))


def _own_stamps(paths: Sequence[Path]) -> Iterator[Int64]:
    for t_ms, _ in windows(paths):
        yield np.unique(t_ms)


def any_value(signals: Iterable[tuple[Column, int]], instants: Int64) -> Mask:
    """Where at least one signal has a value; `signals` are given with the time (ms) for which their values hold."""
    present = np.zeros(len(instants), bool)
    if not len(instants):
        return present
    for column, tolerance_ms in signals:
        if present.all():
            break
        t_ms, value = column.between(int(instants[0]) - tolerance_ms, int(instants[-1]))
        if len(t_ms):
            present |= ~np.isnan(values_as_of(instants, t_ms, value, tolerance_ms=tolerance_ms))
    return present
