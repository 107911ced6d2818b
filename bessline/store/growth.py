"""Signals that grow at their end: rows and buckets are laid behind those in the files, at the cost of what is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from bessline.signals import lookup
from bessline.sources.base import Float64, Int64, SignalId
from bessline.sources.decimals import Decimals
from bessline.store.columns import ColumnFile
from bessline.store.counters import NOTHING, counting_of
from bessline.store.form import Form
from bessline.store.live_pyramid import values_before
from bessline.store.manifest import SignalEntry
from bessline.store.profile import SignalProfile
from bessline.store.pyramid import FINEST, LEVELS, Folding, joined
from bessline.store.pyramid_file import PyramidFile, levels_of, table_like
from bessline.store.row_group_cache import ROW_GROUP, RowGroupCache
from bessline.store.row_groups import append_groups
from bessline.store.runs import pyramid_path
from bessline.store.signed import Signed, open_signed

#: So many small row groups may a file have before all of it is written anew.
_MOST_SMALL = 32
_EVER = 2**62


def grown(signal: SignalId, known: SignalEntry, run: SignalEntry, target: Path) -> SignalEntry | None:
    """The rows of `run` behind those of `known` in the new file `target`, with its pyramid; both have whole paths.

    The bytes that are there are copied as they are. None where that cannot be: rows come before the last one, or do not
    fit into the coding, or the file has many small row groups already. Then it must be merged.

    Raises
    ------
    StoreDamaged
        a file cannot be read.
    """
    if known.pyramid is None or not run.rows or not known.rows or run.start_ms <= known.end_ms:
        return None
    rows, pyramid = open_signed(Path(known.file)), open_signed(Path(known.pyramid))
    sizes = [rows.metadata.row_group(index).num_rows for index in range(rows.metadata.num_row_groups)]
    if sum(size < ROW_GROUP for size in sizes) >= _MOST_SMALL:
        return None
    old, new = _opened(known), _opened(run)
    tables, buckets = list(_tables(rows, new)), _buckets(signal, known, old, new, like=pyramid)
    if buckets is None or None in tables:
        return None
    size = append_groups(rows, target, tables)
    size += append_groups(pyramid, pyramid_path(target), [buckets])
    entry = _entry(signal, known, run)
    return replace(entry, file=str(target), pyramid=str(pyramid_path(target)), bytes=size)


def _opened(entry: SignalEntry, *, values: bool = True) -> ColumnFile:
    return ColumnFile(Path(entry.file), RowGroupCache(max_bytes=8 << 20), values=values)


def _groups(file: ColumnFile) -> Iterator[tuple[Int64, Float64 | None]]:
    return (file.group(index) for index in range(len(file.first_ms)))


def _tables(rows: Signed, new: ColumnFile) -> Iterator[pa.Table | None]:
    """The new rows as row groups of the old form; None for one that does not fit into it."""
    form = Form.of_schema(rows.metadata.schema.to_arrow_schema())
    return (form.table(*group) for group in _groups(new))


def _buckets(
    signal: SignalId, known: SignalEntry, old: ColumnFile, new: ColumnFile, *, like: Signed
) -> pa.Table | None:
    """What is new of each level, beginning with the bucket in which the rows go on; None where the form is another.

    That bucket is in the pyramid already as it was: of two the later one counts.
    """
    first_ms = int(new.first_ms[0])
    begin = {level: first_ms // width_ms * width_ms for level, width_ms in LEVELS.items()}
    counting = counting_of(lookup(signal.topic, signal.field))
    before = NOTHING
    if counting is not None:
        before = values_before(old, begin[FINEST], since_ms=int(old.first_ms[0]))
    folding = Folding(counting, before=before)
    folding.add(*old.between(begin[FINEST], _EVER))
    for t_ms, value in _groups(new):
        folding.add(t_ms, value if value is not None else np.empty(0))
    stored = PyramidFile(Path(known.pyramid or ""), RowGroupCache(max_bytes=8 << 20))
    finest = [stored.between(FINEST, begin["1d"], begin[FINEST] - 1), folding.buckets()]
    levels = levels_of(joined([part for part in finest if len(part)]))
    later = {level: found.at(found.t_ms >= begin[level]) for level, found in levels.items()}
    return table_like(like.metadata.schema.to_arrow_schema(), later)


def _entry(signal: SignalId, known: SignalEntry, run: SignalEntry) -> SignalEntry:
    """What is known of all rows. The median of the steps is that of all of them, so all stamps are looked at."""
    profile = SignalProfile(lookup(signal.topic, signal.field))
    for entry in (known, run):
        for t_ms, value in _groups(_opened(entry, values=entry.markers > 0)):
            profile.add(t_ms, Decimals(np.zeros(len(t_ms), np.int32), 0) if value is None else value)
    found = profile.entry(known.file, size=0)
    lows = [low for low in (known.low, run.low) if low is not None]
    highs = [high for high in (known.high, run.high) if high is not None]
    out_of_range = known.out_of_range + run.out_of_range
    return replace(found, low=min(lows, default=None), high=max(highs, default=None), out_of_range=out_of_range)
