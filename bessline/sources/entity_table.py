"""Lists of changes, one row a change with the name of what changed: Home Assistant's history export, and its like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from bessline.errors import EmptySource, ZoneMissing
from bessline.sources.base import Job, Note, Part, Rejects, Rows, SignalId, Source
from bessline.sources.cells import Cells
from bessline.sources.csv_blocks import Block, blocks
from bessline.sources.csv_head import Head, read_head
from bessline.sources.csv_parse import Layout
from bessline.sources.csv_table import ZONE_HINT, Zone, layout_of
from bessline.sources.csv_text import cell, rows_of
from bessline.sources.described import checked_target
from bessline.sources.description import EntityTableDescription
from bessline.sources.discovery import Found, discover, opened
from bessline.sources.local_time import LocalTime
from bessline.sources.text_cells import Ledger, numbers, reject_cells, stamped
from bessline.sources.units import Scaling

#: So many entities that nobody described are named; the rest are counted together.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class EntityFeed:
    """One entity, the signal it feeds, and what its words mean: pairs of a state and its number."""

    entity: str
    signal: SignalId
    scaling: Scaling
    whole: bool
    states: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        words = "".join(f" {word}={number:g}" for word, number in self.states)
        return f"{self.entity} x {self.scaling}{words} -> {self.signal}"


@dataclass(frozen=True, slots=True)
class Names:
    """The columns that hold what changed, to what, and when."""

    entity: str
    state: str
    timestamp: str


@dataclass(frozen=True)
class EntityJob(Job):
    """One file; `signals` are those of its feeds."""

    file: Path
    signals: tuple[SignalId, ...]
    feeds: tuple[EntityFeed, ...]
    names: Names
    zone: Zone
    cells: Cells

    @property
    def reading(self) -> str:
        """How the file is read."""
        names = f"{self.names.entity}, {self.names.state}, {self.names.timestamp}"
        return f"entity table 1: {names}, {self.zone}, {self.cells}, " + "; ".join(map(str, self.feeds))

    def read(self) -> Iterator[Part]:
        """Yield the rows of each described entity, block by block, in the order of the file."""
        head = read_head(self.file, delimiter=self.cells.delimiter)
        layout, clock = self.layout(head), self.zone.clock()
        others: Counter[str] = Counter()
        for block in blocks(head.path, offset=head.offset, first_line=head.first_line):
            if isinstance(block, Rejects):
                yield block
                continue
            ledger = Ledger()
            frame = self._stamped(block, head, layout, ledger=ledger, clock=clock)
            others.update(self._undescribed(frame))
            parts = (self._rows(frame, feed, ledger=ledger) for feed in self.feeds)
            yield from (part for part in parts if len(part.stamps))
            if (rejects := ledger.rejects()) is not None:
                yield rejects
        if clock is not None:
            yield from clock.notes()
        yield from _notes(others)

    def layout(self, head: Head) -> Layout:
        """Check the header and the first stamps; raises what `read` would raise for them."""
        stamp, state = head.index(self.names.timestamp), head.index(self.names.state)
        head.index(self.names.entity)
        if self.zone.name is None and head.stamps_have_offsets(stamp) is False:
            raise ZoneMissing(ZONE_HINT, path=self.file)
        return layout_of(head, stamp=stamp, values=(state,), cells=self.cells)

    def _stamped(
        self, block: Block, head: Head, layout: Layout, *, ledger: Ledger, clock: LocalTime | None
    ) -> pl.DataFrame:
        """The rows with a good stamp: columns `line`, `text`, `entity`, `state`, `t_ms`."""
        frame = rows_of(block, layout, ledger=ledger)
        entity = cell(frame, head.index(self.names.entity)).str.strip_chars()
        frame = frame.with_columns(entity=entity, state=cell(frame, layout.values[0]))
        frame, t_ms = stamped(frame, cell(frame, layout.stamp), clock=clock, ledger=ledger)
        return frame.with_columns(t_ms=pl.Series(t_ms, dtype=pl.Int64))

    def _rows(self, frame: pl.DataFrame, feed: EntityFeed, *, ledger: Ledger) -> Rows:
        own = frame.filter(pl.col("entity") == feed.entity)
        state = own["state"]
        if feed.states:
            words = {word: repr(number) for word, number in feed.states}
            state = state.str.strip_chars().replace(words)
        value, bad = numbers(state, written=self.cells, whole=feed.whole)
        t_ms = own["t_ms"].to_numpy()
        if bad is not None:
            reject_cells(own, own["state"], bad, column=feed.entity, whole=feed.whole, ledger=ledger)
            value, t_ms = value[~bad], t_ms[~bad]
        return Rows(feed.signal, t_ms, np.ascontiguousarray(feed.scaling.apply(value)))

    def _undescribed(self, frame: pl.DataFrame) -> dict[str, int]:
        others = frame.filter(~pl.col("entity").is_in([feed.entity for feed in self.feeds]))
        counts = others.group_by("entity").len()
        return dict(zip(counts["entity"].to_list(), counts["len"].to_list(), strict=True))


def _notes(others: Counter[str]) -> Iterator[Note]:
    for entity, rows in others.most_common(_NAMED):
        yield Note(f"the description does not name the entity {entity!r}; its rows were left out", rows)
    if rest := sum(others.values()) - sum(rows for _, rows in others.most_common(_NAMED)):
        yield Note(
            f"the description does not name {len(others) - _NAMED} more entities; their rows were left out", rest
        )


def open_entity_table(path: Path, said: EntityTableDescription, *, timezone: str | None, prefix: str) -> Source:
    """Discover the files of `path`, a folder or one file.

    Raises
    ------
    EmptySource
        when there is no CSV in it.
    ZoneMissing
        when stamps are naive and no zone is known.
    SourceError
        when `path` is one file and cannot be read.
    """
    found = discover(path, (".csv",)) if path.is_dir() else Found(files=[path])
    if not found.files and not found.refused:
        raise EmptySource("found no .csv file, which the description is for", path=path)
    zone = Zone(timezone or said.timezone, said.ambiguous)
    names = Names(said.entity, said.state, said.timestamp)

    def job(file: Path) -> EntityJob:
        feeds = _feeds(said, prefix=prefix or said.prefix, file=file)
        made = EntityJob(file, tuple(feed.signal for feed in feeds), feeds, names, zone, said.cells)
        made.layout(read_head(file, delimiter=said.cells.delimiter))
        return made

    jobs = opened(found, path, job)
    return Source(
        path=path,
        kind="entity table",
        timezone=zone.name,
        whole_rows=False,
        jobs=tuple(jobs),
        refused=tuple(found.refused),
        hold_s=said.hold_s,
        ignored=tuple(found.ignored),
    )


def _feeds(said: EntityTableDescription, *, prefix: str, file: Path) -> tuple[EntityFeed, ...]:
    return tuple(
        EntityFeed(
            entity=entity.entity,
            signal=checked_target(entity, prefix=prefix, file=file),
            scaling=entity.scaling(),
            whole=entity.signal is not None and entity.signal.kind == "flag",
            states=tuple(entity.states.items()),
        )
        for entity in said.signals
    )
