"""Sorted runs: rows in any order become few sorted files, and sorted files become one, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bessline.signals import lookup
from bessline.sources.base import Float64, Int64, SignalId
from bessline.sources.decimals import Numbers, value_of
from bessline.sources.seconds import Stamps, t_ms_of, ticks_of
from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.counters import counting_of
from bessline.store.manifest import SignalEntry
from bessline.store.profile import SignalProfile
from bessline.store.pyramid import Folding
from bessline.store.pyramid_file import levels_of, write_pyramid
from bessline.store.row_group_cache import ROW_GROUP, RowGroupCache

#: Called with the rows that lost against a later row of the same stamp: int64[n], float64[n].
Superseded = Callable[[Int64, Float64], None]
_MERGE_ROWS = 16 * ROW_GROUP


class RunWriter:
    """Takes rows of one signal in the order of its file and leaves one sorted run, or more where stamps step back.

    Of rows with the same stamp the last in the file counts: equal ones are counted as `duplicates`, others as
    `conflicts` and handed to `superseded`.
    """

    def __init__(self, signal: SignalId, folder: Path, *, stem: str, superseded: Superseded) -> None:
        self.signal, self.duplicates, self.conflicts = signal, 0, 0
        self._folder, self._stem, self._superseded = folder, stem, superseded
        self._writer: _SignalWriter | None = None
        self._last_ms = 0
        self.runs: list[SignalEntry] = []

    def append(self, stamps: Stamps, value: Numbers) -> None:
        """Add n stamps in any order and n values, NaN for a marker."""
        if not len(stamps):
            return
        number, tick_ms = ticks_of(stamps)
        if not (number[1:] > number[:-1]).all():
            stamps, value = self._sorted(t_ms_of(stamps), value_of(value))
            number, tick_ms = ticks_of(stamps)
        if self._writer is not None and int(number[0]) * tick_ms <= self._last_ms:
            self._end_run()
        if self._writer is None:
            self._writer = _SignalWriter(self.signal, self._folder / f"{self._stem}-{len(self.runs)}.parquet")
        self._writer.append(stamps, value)
        self._last_ms = int(number[-1]) * tick_ms

    def _sorted(self, t_ms: Int64, value: Float64) -> tuple[Int64, Float64]:
        t_ms, value, lost, duplicates = newest_of_each(t_ms, value)
        self.duplicates += duplicates
        self.conflicts += len(lost[0])
        if len(lost[0]):
            self._superseded(*lost)
        return t_ms, value

    def _end_run(self) -> None:
        if self._writer is not None:
            self.runs.append(self._writer.close())
            self._writer = None

    def close(self) -> SignalEntry:
        """End, and merge the runs into one where there are several; returns that one's profile."""
        self._end_run()
        if len(self.runs) == 1:
            return self.runs[0]
        paths = [Path(run.file) for run in self.runs]
        target = self._folder / f"{self._stem}-merged.parquet"
        entry, duplicates, conflicts = merge_runs(self.signal, paths, target, superseded=self._superseded)
        self.duplicates, self.conflicts = self.duplicates + duplicates, self.conflicts + conflicts
        for run in self.runs:
            _remove(run)
        return entry

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._writer is not None:
            self._writer.abandon()
        for run in self.runs:
            _remove(run)


def _remove(run: SignalEntry) -> None:
    for name in run.files:
        Path(name).unlink(missing_ok=True)


class _SignalWriter:
    """Writes the rows of one signal, by rising stamp, to `path`, and what they come to: their pyramid and profile."""

    def __init__(self, signal: SignalId, path: Path) -> None:
        known = lookup(signal.topic, signal.field)
        self._path = path
        self._columns = ColumnWriter(path)
        self._profile, self._folding = SignalProfile(known), Folding(counting_of(known))

    def append(self, stamps: Stamps, value: Numbers) -> None:
        self._columns.append(stamps, value)
        self._profile.add(stamps, value)
        self._folding.add(stamps, value)

    def close(self) -> SignalEntry:
        pyramid = pyramid_path(self._path)
        finest, tick_ms, places = self._folding.whole()
        size = write_pyramid(pyramid, levels_of(finest, tick_ms=tick_ms), tick_ms=tick_ms, places=places)
        try:
            size += self._columns.close()
        except BaseException:
            pyramid.unlink()
            raise
        return replace(self._profile.entry(str(self._path), size=size), pyramid=str(pyramid))

    def abandon(self) -> None:
        self._columns.abandon()


def pyramid_path(path: Path) -> Path:
    """Where the pyramid of the rows in `path` stands: beside them."""
    return path.with_suffix(".pyramid.parquet")


def fold_file(signal: SignalId, path: Path) -> Path:
    """Write the pyramid of the rows in the column file `path` beside it; returns where."""
    folding = Folding(counting_of(lookup(signal.topic, signal.field)))
    for t_ms, value in windows([path]):
        folding.add(t_ms, value)
    target = pyramid_path(path)
    write_pyramid(target, levels_of(folding.buckets()))
    return target


def newest_of_each(t_ms: Int64, value: Float64) -> tuple[Int64, Float64, tuple[Int64, Float64], int]:
    """Sort rows by stamp and keep the last given of each stamp.

    Returns the kept stamps and values, the rows that lost with another value, and the number of exact duplicates.

    >>> newest_of_each(np.array([2, 1, 2, 2]), np.array([5.0, 1.0, 5.0, 6.0]))[3]
    1
    """
    order = np.argsort(t_ms, kind="stable")
    t_ms, value = t_ms[order], value[order]
    repeated = np.append(t_ms[1:] == t_ms[:-1], False)
    if not repeated.any():
        return t_ms, value, (t_ms[:0], value[:0]), 0
    successor = np.append(value[1:], np.nan)
    same = repeated & ((value == successor) | (np.isnan(value) & np.isnan(successor)))
    other = repeated & ~same
    return t_ms[~repeated], value[~repeated], (t_ms[other], value[other]), int(same.sum())


def merge_runs(
    signal: SignalId, runs: Sequence[Path], target: Path, *, superseded: Superseded
) -> tuple[SignalEntry, int, int]:
    """Merge sorted files into `target`; later files win. Returns the entry, the duplicates and the conflicts.

    Only a window of rows is in memory: it ends where some run's block ends, so that all rows of a stamp meet in it.
    """
    writer = _SignalWriter(signal, target)
    duplicates = conflicts = 0
    try:
        for t_ms, value in windows(runs):
            t_ms, value, lost, same = newest_of_each(t_ms, value)
            duplicates, conflicts = duplicates + same, conflicts + len(lost[0])
            if len(lost[0]):
                superseded(*lost)
            writer.append(t_ms, value)
        return writer.close(), duplicates, conflicts
    except BaseException:
        writer.abandon()
        raise


def windows(runs: Sequence[Path]) -> Iterator[tuple[Int64, Float64]]:
    """Rows of all runs in windows of rising, disjoint time; within one, in the order of the runs."""
    opened = (ColumnFile(path, RowGroupCache(max_bytes=1)) for path in runs)
    files = [file for file in opened if file.rows]
    if not files:
        return
    ends = np.sort(np.concatenate([file.last_ms for file in files]))
    # each block end adds at most a row group to the window, so every k-th end bounds it at about k groups
    bounds = [*ends[:: _MERGE_ROWS // ROW_GROUP].tolist(), int(ends[-1])]
    start = min(int(file.first_ms[0]) for file in files)
    for bound in sorted(set(bounds)):
        parts = [file.between(start, bound) for file in files]
        yield np.concatenate([t for t, _ in parts]), np.concatenate([v for _, v in parts])
        start = bound + 1
