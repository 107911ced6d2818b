"""Timelines: the instants at which a topic has a reading, those where at least one of its signals has a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bessline.sources.base import Float64, Int64
from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.overlay import Column, Mask
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.runs import windows

_WINDOW = 65_536


@dataclass(frozen=True, slots=True)
class Held:
    """A signal's file, how long (ms) each of its values holds, and whether markers may end one before."""

    path: Path
    tolerance_ms: int
    has_markers: bool = True


@dataclass(frozen=True, slots=True)
class TimelineSummary:
    """What a written timeline holds; `gap_ms` is the time lost in steps longer than three periods."""

    rows: int
    start_ms: int | None
    end_ms: int | None
    gap_ms: int


def write_timeline(
    signals: Sequence[Held],
    target: Path,
    *,
    period_ms: int,
    stamps: Sequence[Path],
    grid: bool,
    parts: Sequence[Path] = (),
) -> TimelineSummary:
    """Write the stamps at which a topic has a reading: those where at least one signal has a value.

    `stamps` names files whose own stamps are instants (whole rows); with `grid` those of the grid of `period_ms` are
    instants, too. `parts` names timelines on the same grid: where they have a stamp there is a value. Memory is bounded
    by one window of instants and the blocks of rows under it.
    """
    files = [(_opened(held.path, values=held.has_markers), held.tolerance_ms) for held in signals]
    known = [file for file in map(_opened, parts) if file.rows]
    instants = _with_grid([*files, *((file, 0) for file in known)], period_ms, stamps) if grid else _own_stamps(stamps)
    writer = ColumnWriter(target, values=False)
    start: int | None = None
    end: int | None = None
    gap_ms = 0
    try:
        for window in instants:
            present = window[any_value(files, window, known=_among(known, window, period_ms=period_ms))]
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


def _opened(path: Path, *, values: bool = False) -> ColumnFile:
    return ColumnFile(path, RowGroupCache(max_bytes=8 << 20), values=values)


def _among(timelines: Sequence[ColumnFile], instants: Int64, *, period_ms: int) -> Mask:
    """Which of the instants of a grid any of the timelines on it has."""
    found = np.zeros(len(instants), bool)
    for file in timelines:
        if found.all():
            break
        stamps, _ = file.between(int(instants[0]), int(instants[-1]))
        found[(stamps - instants[0]) // period_ms] = True
    return found


def _with_grid(files: Sequence[tuple[ColumnFile, int]], period_ms: int, stamps: Sequence[Path]) -> Iterator[Int64]:
    if not files:
        return iter(())
    first = min(int(file.first_ms[0]) for file, _ in files)
    last = max(int(file.last_ms[-1]) + tolerance for file, tolerance in files)
    opened = list(map(_opened, stamps))
    return instants(
        first,
        last,
        period_ms=period_ms,
        own=lambda low, high: [file.between(low, high)[0] for file in opened],
        busy=lambda t_ms: _busy(files, t_ms),
    )


def _busy(files: Sequence[tuple[ColumnFile, int]], t_ms: int) -> int:
    """From when on, not before `t_ms`, a signal may have a value; `t_ms` where none has any more."""
    found: list[int] = []
    for file, tolerance_ms in files:
        at = file.position(t_ms - tolerance_ms)
        if at < file.rows:
            found.append(int(file.stamps(at, at + 1)[0]))
            if found[-1] <= t_ms:
                break
    return max(t_ms, min(found, default=t_ms))


def instants(
    first_ms: int,
    last_ms: int,
    *,
    period_ms: int,
    own: Callable[[int, int], Sequence[Int64]],
    busy: Callable[[int], int] | None = None,
) -> Iterator[Int64]:
    """The instants k x `period_ms` from `first_ms` to `last_ms`, and between them those that `own` gives, in windows.

    `own(low_ms, high_ms)` gives stamps of whole rows, both ends included. `busy(t_ms)` says from when on, not before
    `t_ms`, instants are wanted: one row of a clock that begins in 1970 costs no walk through fifty years.

    >>> [window.tolist() for window in instants(5, 32, period_ms=10, own=lambda low, high: [np.array([7, 20, 25])])]
    [[7, 10, 20, 25, 30]]
    """
    k_first, k_last = -(-first_ms // period_ms), last_ms // period_ms
    low, k = first_ms, k_first
    while k <= k_last:
        if busy is not None:
            k = min(max(k, busy(k * period_ms) // period_ms), k_last)
        grid = np.arange(k, min(k + _WINDOW, k_last + 1), dtype=np.int64) * period_ms
        high = min(int(grid[-1]) + period_ms - 1, last_ms)
        beside = [stamps for stamps in own(low, high) if len(stamps)]
        yield np.unique(np.concatenate([grid, *beside])) if beside else grid
        low, k = high + 1, k + _WINDOW
    if low == first_ms:
        yield np.unique(np.concatenate([np.empty(0, np.int64), *own(first_ms, last_ms)]))


def _own_stamps(paths: Sequence[Path]) -> Iterator[Int64]:
    for t_ms, _ in windows(paths):
        yield np.unique(t_ms)


def any_value(signals: Iterable[tuple[Column, int]], instants: Int64, *, known: Mask | None = None) -> Mask:
    """Where at least one signal has a value; `signals` are given with the time (ms) for which their values hold.

    `known`: bool[n], where one has for sure.
    """
    present = np.zeros(len(instants), bool) if known is None else known
    for column, tolerance_ms in signals:
        absent = np.flatnonzero(~present)
        if not len(absent):
            break
        # the next signal is read only where those before it left holes
        left = slice(int(absent[0]), int(absent[-1]) + 1)
        t_ms, value = column.between(int(instants[left][0]) - tolerance_ms, int(instants[left][-1]))
        if len(t_ms):
            present[left] |= holds(instants[left], t_ms, value, tolerance_ms=tolerance_ms)
    return present


def holds(instants: Int64, t_ms: Int64, value: Float64, *, tolerance_ms: int) -> Mask:
    """Where a signal has a value: `as_of` without the value. What there are few of is looked for: the holes.

    Parameters are those of `bessline.store.align.as_of`, but that `value` may be empty where nothing is missing.

    >>> holds(np.array([5, 10, 99]), np.array([4, 9]), np.array([1.0, 2.0]), tolerance_ms=6)
    array([ True,  True, False])
    """
    missing = np.isnan(value) if len(value) else np.zeros(len(t_ms), bool)
    broken = t_ms[1:] - t_ms[:-1] > tolerance_ms
    broken |= missing[1:]
    broken |= missing[:-1]
    borders = np.flatnonzero(broken)
    first, last = np.concatenate([[0], borders + 1]), np.concatenate([borders, [len(t_ms) - 1]])
    real = ~missing[first]
    first, last = first[real], last[real]
    until = np.append(t_ms, np.iinfo(np.int64).max)[last + 1] - 1
    begins = np.searchsorted(instants, t_ms[first], side="left")
    ends = np.searchsorted(instants, np.minimum(t_ms[last] + tolerance_ms, until), side="right")
    # holes and stretches take turns, each with as many instants as there are in it
    edges = np.concatenate([[0], np.column_stack([begins, ends]).ravel(), [len(instants)]])
    found: Mask = np.repeat(np.arange(len(edges) - 1) % 2 == 1, np.diff(edges))
    return found
