"""Retention: how long rows and the buckets of each level are kept, and what stays of a signal whose rows went.

What goes, goes in whole days of UTC, so that no bucket is cut. The age of a row counts back from the newest value of
its device: of what stands still nothing goes, and of a signal that fell silent its last day stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bessline.errors import BadParameter
from bessline.signals import lookup
from bessline.sources.base import SignalId
from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.counters import CONTEXT, NOTHING, counting_of
from bessline.store.manifest import SignalEntry
from bessline.store.pyramid import LEVELS, NO_BUCKETS, Buckets, Level, fold, joined
from bessline.store.pyramid_file import PyramidFile, levels_of, write_pyramid
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.runs import Superseded, merge_runs

RAW = "raw"
#: What has an age of its own, from the finest on.
KINDS = (RAW, *LEVELS)
DAY_MS = LEVELS["1d"]
_AGE = re.compile(r"(\d{1,5})(d|y)")
_DAYS = {"d": 1, "y": 365}
_EVER = 2**60
_HOW = "write LEVEL=AGE, as raw=400d, 5min=5y or 1h=forever; levels are " + ", ".join(KINDS)


def parse_keeping(texts: Sequence[str]) -> dict[str, int]:
    """How long (ms) each kind is kept; for ever what is not named.

    Raises
    ------
    BadParameter

    >>> parse_keeping(["raw=400d", "1h=forever"])
    {'raw': 34560000000}
    """
    keeping: dict[str, int] = {}
    for text in (part.strip() for each in texts for part in each.split(",")):
        kind, _, age = text.partition("=")
        match = _AGE.fullmatch(age)
        if kind not in KINDS or (age != "forever" and (match is None or not int(match[1]))):
            raise BadParameter("keep", f"{text!r} says no level and age; {_HOW}")
        if match is not None:
            keeping[kind] = int(match[1]) * _DAYS[match[2]] * DAY_MS
    ages = [keeping.get(kind, _EVER) for kind in KINDS]
    for finer, coarser, shorter_ms, age_ms in zip(KINDS[:-1], KINDS[1:], ages[:-1], ages[1:], strict=True):
        if age_ms < shorter_ms:
            raise BadParameter("keep", f"{coarser} goes before {finer}, of which it is made; keep it as long or longer")
    return keeping


def cuts(entry: SignalEntry, keeping: Mapping[str, int], *, newest_ms: int, slack: float = 0.0) -> dict[str, int]:
    """From when on (ms) each kind is kept, with what was dropped before; nothing for what is whole.

    Nothing more goes of a kind that is not older by `slack`, a share of its age.
    """
    found = dict(entry.kept_from)
    for kind, age_ms in keeping.items():
        cut = min(newest_ms - age_ms, entry.end_ms) // DAY_MS * DAY_MS
        if cut > max(entry.first_ms, found.get(kind, -_EVER)) + slack * age_ms:
            found[kind] = cut
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """From when on (ms) which kind of a signal is kept; `pyramid` has the buckets before, None where it is lost."""

    from_ms: Mapping[str, int]
    pyramid: Path | None


def kept_of(store: Path, entry: SignalEntry | None, *, is_whole: bool = True) -> Kept | None:
    """What was dropped of a stored signal, None for nothing. `is_whole`: its pyramid can be read."""
    if entry is None or not entry.kept_from:
        return None
    return Kept(entry.kept_from, store / entry.pyramid if entry.pyramid and is_whole else None)


def merge_kept(
    signal: SignalId, runs: Sequence[Path], target: Path, *, superseded: Superseded, kept: Kept | None
) -> tuple[SignalEntry, int, int]:
    """Like `merge_runs`; but rows that were dropped do not come back, and the buckets made of them stay.

    The entry has no rows where all of them are older than what is kept.
    """
    if kept is None:
        return merge_runs(signal, runs, target, superseded=superseded)
    copies = [target.with_name(f".{target.name}.{number}.kept") for number in range(len(runs))]
    try:
        since = [_since(run, kept.from_ms.get(RAW, -_EVER), copy) for run, copy in zip(runs, copies, strict=True)]
        entry, duplicates, conflicts = merge_runs(signal, since, target, superseded=superseded)
    finally:
        for copy in copies:
            copy.unlink(missing_ok=True)
    return (_with_earlier(signal, entry, kept) if entry.rows else entry), duplicates, conflicts


def _since(run: Path, from_ms: int, copy: Path) -> Path:
    """The run, or a copy without its rows before `from_ms` if it has such."""
    file = ColumnFile(run, RowGroupCache(max_bytes=1))
    if not file.rows or file.first_ms[0] >= from_ms:
        return run
    writer = ColumnWriter(copy)
    try:
        for index in np.flatnonzero(file.last_ms >= from_ms).tolist():
            t_ms, value = file.group(index)
            assert value is not None
            writer.append(t_ms[t_ms >= from_ms], value[t_ms >= from_ms])
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return copy


def _with_earlier(signal: SignalId, entry: SignalEntry, kept: Kept) -> SignalEntry:
    """Lay what is kept of the old buckets before those of the rows that are kept."""
    earlier = dict.fromkeys(LEVELS, NO_BUCKETS)
    if kept.pyramid is not None:
        old = PyramidFile(kept.pyramid, RowGroupCache(max_bytes=1))
        last_ms = kept.from_ms.get(RAW, entry.start_ms // DAY_MS * DAY_MS) - 1
        for level in LEVELS:
            first_ms = kept.from_ms.get(level, -_EVER)
            earlier[level] = old.between(level, first_ms, last_ms) if first_ms <= last_ms else NO_BUCKETS
    path = Path(entry.pyramid or "")
    later = _later(signal, entry, path, earlier)
    size = write_pyramid(path, {level: joined([earlier[level], later[level]]) for level in LEVELS})
    begins = [int(buckets.t_ms[0]) for buckets in earlier.values() if len(buckets)]
    return replace(
        entry,
        kept_from=dict(kept.from_ms),
        began_ms=min(begins, default=None),
        bytes=Path(entry.file).stat().st_size + size,
    )


def _later(signal: SignalId, entry: SignalEntry, path: Path, earlier: Mapping[Level, Buckets]) -> dict[Level, Buckets]:
    """The buckets of the rows; the first increment of a counter counts from the last value that went."""
    own, counting = PyramidFile(path, RowGroupCache(max_bytes=1)), counting_of(lookup(signal.topic, signal.field))
    before = next((buckets.last[-CONTEXT:] for buckets in earlier.values() if len(buckets)), NOTHING)
    if counting is None or not len(before):
        return {level: own.between(level, -_EVER, _EVER) for level in LEVELS}
    day_ms = entry.start_ms // DAY_MS * DAY_MS
    rows = ColumnFile(Path(entry.file), RowGroupCache(max_bytes=1)).between(day_ms, day_ms + DAY_MS - 1)
    first_day = levels_of(fold(*rows, counting=counting, before=before))
    return {
        level: joined([buckets, own.between(level, day_ms + DAY_MS, _EVER)]) for level, buckets in first_day.items()
    }
