"""One CSV of one signal. What a worker reads most of all stands by itself, so that it loads little else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bessline.errors import SourceError, ZoneMissing
from bessline.signals import lookup
from bessline.sources.appended import ReadWhole, lines_before
from bessline.sources.base import Job, Note, Part, Rejects, SignalId
from bessline.sources.batch import Batch
from bessline.sources.cells import PLAIN, Cells
from bessline.sources.csv_head import Head, read_head
from bessline.sources.csv_parse import Layout
from bessline.sources.csv_table import Zone, layout_of, read_csv
from bessline.sources.stamps import STAMP_NAMES
from bessline.sources.units import Scaling

_ANY_SIGNAL = ("value", "val", "state")


@dataclass(frozen=True)
class SignalFileJob(Job):
    """One CSV of one signal."""

    file: Path
    signals: tuple[SignalId, ...]
    zone: Zone
    scaling: Scaling
    cells: Cells = PLAIN

    @property
    def reading(self) -> str:
        """How the file is read."""
        return f"signal csv 1: {self.signals[0]}, {self.zone}, x {self.scaling}, {self.cells}"

    def read(self) -> Iterator[Part]:
        """Yield the rows in the order of the file."""
        head = read_head(self.file, delimiter=self.cells.delimiter)
        yield from self._parts(head, read_csv(head, self.layout(head), self.zone))

    @property
    def can_grow(self) -> bool:
        """Each line is a row that stands by itself, but for those of an hour that comes twice."""
        return True

    def read_on(self, offset: int) -> Iterator[Part]:
        """Yield the rows behind `offset`."""
        head = read_head(self.file, delimiter=self.cells.delimiter)
        yield from self._parts(head, self._appended(head, offset))

    def _appended(self, head: Head, offset: int) -> Iterator[Batch | Rejects | Note]:
        behind, before = replace(head, offset=offset, first_line=1), None
        for part in read_csv(behind, self.layout(head), self.zone):
            if isinstance(part, Note):
                raise ReadWhole("an hour that comes twice: which of the two it is, the lines before tell")
            if isinstance(part, Rejects):
                # counted where a row is rejected, and then once: the file may be long
                before = lines_before(self.file, offset) if before is None else before
                part = part.after(before)
            yield part

    def _parts(self, head: Head, found: Iterable[Batch | Rejects | Note]) -> Iterator[Part]:
        taken = 0
        for part in found:
            if isinstance(part, Batch):
                rows = part.rows(0, self.signals[0], self.scaling)
                taken += len(rows.stamps)
                yield rows
            else:
                yield part
        name, stem = head.names[1].strip().lower(), self.file.stem.lower()
        if name not in (stem, *_ANY_SIGNAL):
            yield Note(f"the header calls the signal {name!r}; the file's name {stem!r} was taken", taken)

    def layout(self, head: Head) -> Layout:
        """Check the header and the first stamps.

        Raises
        ------
        SourceError
            where it is not the header of one signal.
        ZoneMissing
            where stamps are naive and no zone is known.
        """
        _check_header(head)
        if self.zone.name is None and head.stamps_have_offsets(0) is False:
            raise ZoneMissing(
                "its stamps say no zone; say it with `--timezone Europe/Berlin` (the plant's zone), or with "
                "`timezone: Europe/Berlin` in a bessline.yaml in the source's folder",
                path=self.file,
            )
        signal = self.signals[0]
        row = lookup(signal.topic, signal.field)
        whole = frozenset({1}) if row is not None and row.kind == "flag" else frozenset[int]()
        return layout_of(head, stamp=0, values=(1,), whole=whole, cells=self.cells)


def _check_header(head: Head) -> None:
    line = head.first_line - 1
    expected = f"expected `ts{head.delimiter}<signal>`"
    if head.names[0].lower() not in STAMP_NAMES:
        message = f"the first column is {head.names[0]!r}; {expected} (or one of {', '.join(STAMP_NAMES)} first)"
        raise SourceError(message, path=head.path, line=line)
    if len(head.names) < 2:
        raise SourceError(f"the column of the values is missing; {expected}", path=head.path, line=line)
    if any(head.names[2:]):
        message = f"has {len(head.names)} columns; {expected}, or a description of `kind: wide_table` (--describe)"
        raise SourceError(message, path=head.path, line=line)
