"""Tables with one row an instant and one column a signal, CSV or Parquet, as a description says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bessline.errors import EmptySource, SourceError, ZoneMissing
from bessline.sources.base import Job, Note, Part, Rejects, Rows, SignalId, Source
from bessline.sources.batch import Batch
from bessline.sources.cells import PLAIN, Cells
from bessline.sources.csv_head import Head, read_head
from bessline.sources.csv_parse import Layout
from bessline.sources.csv_table import ZONE_HINT, Zone, layout_of, read_csv
from bessline.sources.decimals import value_of
from bessline.sources.described import checked_target
from bessline.sources.description import WideTableDescription
from bessline.sources.discovery import Found, discover, opened
from bessline.sources.units import Scaling
from bessline.sources.wide_parquet import ParquetTable

SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Feed:
    """One signal and the column, or the two unsigned columns (`plus` minus `minus`), that it comes from."""

    signal: SignalId
    plus: str
    minus: str | None
    scaling: Scaling
    whole: bool

    def rows(self, batch: Batch, at: dict[str, int]) -> Rows:
        """The signal's rows of `batch`, whose columns stand at `at`."""
        value, bad, t_ms = value_of(batch.values[at[self.plus]]), batch.bad[at[self.plus]], batch.t_ms
        if self.minus is not None:
            value, other = value - value_of(batch.values[at[self.minus]]), batch.bad[at[self.minus]]
            bad = other if bad is None else bad if other is None else bad | other
        if bad is not None:
            value, t_ms = value[~bad], t_ms[~bad]
        return Rows(self.signal, t_ms, self.scaling.apply(value))

    def __str__(self) -> str:
        minus = "" if self.minus is None else f" - {self.minus}"
        return f"{self.plus}{minus} x {self.scaling} -> {self.signal}"


@dataclass(frozen=True)
class WideJob(Job):
    """One table; `signals` are those of its feeds."""

    file: Path
    signals: tuple[SignalId, ...]
    feeds: tuple[Feed, ...]
    timestamp: str
    zone: Zone
    cells: Cells = PLAIN

    @property
    def reading(self) -> str:
        """How the file is read."""
        return f"wide table 1: stamp {self.timestamp}, {self.zone}, {self.cells}, " + "; ".join(map(str, self.feeds))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        return tuple(dict.fromkeys(name for feed in self.feeds for name in (feed.plus, feed.minus) if name is not None))

    @property
    def whole(self) -> frozenset[str]:
        """Those that hold whole numbers only."""
        return frozenset(feed.plus for feed in self.feeds if feed.whole)

    def read(self) -> Iterator[Part]:
        """Yield each feed's rows, batch by batch, in the order of the file."""
        at = {name: place for place, name in enumerate(self.columns)}
        for part in self._parts():
            if isinstance(part, Batch):
                yield from (feed.rows(part, at) for feed in self.feeds)
            else:
                yield part

    def check(self) -> None:
        """Raise what `read` would raise for the columns and the zone; reads the head of the file only."""
        if self._is_parquet:
            self._parquet().check()
        else:
            self._layout(read_head(self.file, delimiter=self.cells.delimiter))

    def _parts(self) -> Iterator[Batch | Rejects | Note]:
        if self._is_parquet:
            yield from self._parquet().read()
        else:
            head = read_head(self.file, delimiter=self.cells.delimiter)
            yield from read_csv(head, self._layout(head), self.zone)

    @property
    def _is_parquet(self) -> bool:
        return self.file.suffix.lower() == ".parquet"

    def _parquet(self) -> ParquetTable:
        return ParquetTable(self.file, self.timestamp, self.columns, self.whole, self.zone)

    def _layout(self, head: Head) -> Layout:
        stamp = head.index(self.timestamp)
        places = tuple(head.index(name) for name in self.columns)
        if self.zone.name is None and head.stamps_have_offsets(stamp) is False:
            raise ZoneMissing(ZONE_HINT, path=self.file)
        whole = frozenset(head.index(name) for name in self.whole)
        return layout_of(head, stamp=stamp, values=places, whole=whole, cells=self.cells)


def open_wide_table(path: Path, said: WideTableDescription, *, timezone: str | None, prefix: str) -> Source:
    """Discover the tables of `path`, a folder or one table.

    Raises
    ------
    EmptySource
        when there is no CSV or Parquet file in it.
    ZoneMissing
        when stamps are naive and no zone is known.
    SourceError
        when `path` is one table and cannot be read.
    """
    found = discover(path, SUFFIXES) if path.is_dir() else _alone(path)
    if not found.files and not found.refused:
        raise EmptySource("found no .csv or .parquet file, which the description is for", path=path)
    zone = Zone(timezone or said.timezone, said.ambiguous)

    def job(file: Path) -> WideJob:
        feeds = _feeds(said, prefix=prefix or said.prefix, file=file)
        made = WideJob(file, tuple(feed.signal for feed in feeds), feeds, said.timestamp, zone, said.cells)
        made.check()
        return made

    jobs = opened(found, path, job)
    return Source(
        path=path,
        kind="wide table",
        timezone=zone.name,
        whole_rows=True,
        jobs=tuple(jobs),
        refused=tuple(found.refused),
        hold_s=said.hold_s,
        ignored=tuple(found.ignored),
    )


def _alone(path: Path) -> Found:
    if path.suffix.lower() not in SUFFIXES:
        raise SourceError("is no .csv and no .parquet file; a wide table is one of these", path=path)
    return Found(files=[path])


def _feeds(said: WideTableDescription, *, prefix: str, file: Path) -> tuple[Feed, ...]:
    feeds = []
    for column in said.columns:
        target, signal = checked_target(column, prefix=prefix, file=file), column.signal
        whole = signal is not None and signal.kind == "flag"
        feeds.append(Feed(target, *column.column, column.scaling(), whole))
    return tuple(feeds)
