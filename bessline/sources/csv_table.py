"""A CSV file as batches of UTC rows: fast where the file is clean, tolerant where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bessline.sources.base import Note, Rejects
from bessline.sources.batch import Batch
from bessline.sources.cells import PLAIN, Cells
from bessline.sources.csv_blocks import BLOCK_BYTES, SIGNAL_BLOCK_ROWS, WIDE_BLOCK_BYTES, Block, blocks
from bessline.sources.csv_head import Head
from bessline.sources.csv_parse import Layout, parse_clean
from bessline.sources.local_time import Ambiguous, LocalTime
from bessline.sources.tolerant import parse_tolerant

ZONE_HINT = "its stamps say no zone; say it with `--timezone Europe/Berlin` or `timezone: UTC` in the description"
_MANY_COLUMNS, _NEWLINE = 1000, ord("\n")
_PIECES, _PIECE_BYTES = 16, 512 << 10


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone of naive stamps: `name` is ``None`` where nobody said."""

    name: str | None = None
    ambiguous: Ambiguous = "infer"

    def clock(self) -> LocalTime | None:
        """A fresh reader of one file's stamps."""
        return None if self.name is None else LocalTime(self.name, ambiguous=self.ambiguous)

    def __str__(self) -> str:
        return f"zone {self.name or 'of each stamp'}, repeated hour {self.ambiguous}"


def layout_of(
    head: Head, *, stamp: int, values: tuple[int, ...], whole: frozenset[int] = frozenset(), cells: Cells = PLAIN
) -> Layout:
    """The layout of the file of `head`, its stamps guessed from the first row."""
    return Layout(
        header=head.names,
        stamp=stamp,
        values=values,
        whole=whole,
        delimiter=head.delimiter,
        decimal=cells.decimal,
        thousands=cells.thousands,
        stamps_have_offsets=bool(head.stamps_have_offsets(stamp)),
        stamps_are_fine=head.stamps_are_fine(stamp),
    )


def read_csv(head: Head, layout: Layout, zone: Zone) -> Iterator[Batch | Rejects | Note]:
    """Read the rows behind `head` in bounded memory, in the order of the file.

    Raises
    ------
    SourceError
        when the file cannot be read on.
    """
    reader = BlockReader(layout, zone.clock())
    size = WIDE_BLOCK_BYTES if len(head.names) > _MANY_COLUMNS else BLOCK_BYTES
    if layout.is_plain_signal and head.rows:
        # blocks of as many rows as two row groups of the store are neither cut there nor joined
        size = min(size, SIGNAL_BLOCK_ROWS * sum(len(cell) + 1 for cell in head.rows[0]))
    for block in blocks(head.path, offset=head.offset, first_line=head.first_line, size=size):
        if isinstance(block, Rejects):
            yield block
        else:
            yield from reader.parts(block)
    if reader.clock is not None:
        yield from reader.clock.notes()


class BlockReader:
    """Reads the blocks of one file in order; `clock` knows what the blocks before have told."""

    def __init__(self, layout: Layout, clock: LocalTime | None) -> None:
        self.layout, self.clock = layout, clock

    def parts(self, block: Block) -> Iterator[Batch | Rejects]:
        """A block that is not clean is tried in pieces, so that one bad row does not slow all its neighbours."""
        batch = self._clean(block)
        if batch is not None:
            yield batch
        elif len(block.lines) > _PIECE_BYTES:
            for piece in block.pieces(_PIECES):
                yield from self.parts(piece)
        else:
            yield from self._tolerant(block)

    def _clean(self, block: Block) -> Batch | None:
        parsed = parse_clean(block.lines, self.layout)
        if parsed is None:
            return None
        stamps, values = parsed.stamps, parsed.values
        if parsed.by_line:
            block.newlines = len(stamps) - (block.lines[-1] != _NEWLINE)
        none_bad = (None,) * len(values)
        if self.layout.stamps_have_offsets:
            return Batch(stamps, values, none_bad)
        if self.clock is None:
            return None
        # What the block tells the clock is kept only if all of it can be taken: else it is read again.
        ahead = self.clock.fork()
        converted = ahead.to_utc(stamps)
        if converted.problem is not None:
            return None
        self.clock = ahead
        return Batch(converted.stamps, values, none_bad)

    def _tolerant(self, block: Block) -> Iterator[Batch | Rejects]:
        batch, rejects = parse_tolerant(block, self.layout, self.clock)
        if len(batch.stamps):
            yield batch
        if rejects is not None:
            yield rejects
