"""A text file as blocks of whole lines that know their line numbers; memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from bessline.errors import SourceError
from bessline.sources.base import REJECT_SCHEMA, Rejects

#: Small blocks stay in the processor's cache (4 MB parse a fifth faster than 16 MB); wide tables want rows enough.
SIGNAL_BLOCK_BYTES, BLOCK_BYTES, WIDE_BLOCK_BYTES = 1 << 20, 4 << 20, 32 << 20
#: What a line may have behind the end of its block; it bounds what one line can make us hold.
LINE_BYTES = 1 << 20
TEXT_CHARS = 500
_NEWLINE = 10


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines; line 1 is the first line of the file."""

    data: bytes
    first_line: int

    @property
    def newlines(self) -> int:
        """How many lines end in it."""
        return int(np.count_nonzero(np.frombuffer(self.data, np.uint8) == _NEWLINE))

    def pieces(self, count: int) -> Iterator[Block]:
        """The same lines as about `count` smaller blocks."""
        start, line, step = 0, self.first_line, max(1, len(self.data) // count)
        while start < len(self.data):
            end = self.data.find(b"\n", start + step) + 1 or len(self.data)
            piece = Block(self.data[start:end], line)
            yield piece
            start, line = end, line + piece.newlines


def unreadable(path: Path, error: OSError) -> SourceError:
    """The refusal of a file that the system does not let us read."""
    why = error.strerror or str(error)
    return SourceError(f"cannot be read ({why}); check that it is a file and its permissions", path=path)


def blocks(path: Path, *, offset: int, first_line: int, size: int = BLOCK_BYTES) -> Iterator[Block | Rejects]:
    """Yield the lines from byte `offset` on, `first_line` being the number of the line there.

    A line that goes on for LINE_BYTES behind the end of its block is rejected, whatever it holds.
    """
    try:
        with path.open("rb") as handle:
            handle.seek(offset)
            yield from _blocks_of(handle, first_line, size=size)
    except OSError as error:
        raise unreadable(path, error) from error


def _blocks_of(handle: BinaryIO, line: int, *, size: int) -> Iterator[Block | Rejects]:
    while data := handle.read(size):
        rest = b"" if data.endswith(b"\n") else handle.readline(LINE_BYTES)
        too_long = len(rest) == LINE_BYTES and not rest.endswith(b"\n")
        # With an endless line at its end, the block ends before that line.
        end = data.rfind(b"\n") + 1 if too_long else len(data)
        block = Block(data[:end] if too_long else data + rest, line)
        if block.data:
            yield block
        line += block.newlines
        if too_long:
            yield _too_long(data[end:] + rest, line)
            line += 1
            while rest and not rest.endswith(b"\n"):
                rest = handle.readline(LINE_BYTES)


def _too_long(data: bytes, line: int) -> Rejects:
    text = data[:TEXT_CHARS].decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return reject_rows([line], [f"the line is longer than {LINE_BYTES} bytes"], [text[:TEXT_CHARS]])


def reject_rows(lines: list[int], reasons: list[str], texts: list[str]) -> Rejects:
    """Rejects from columns of equal length."""
    return Rejects(pa.table({"line": lines, "reason": reasons, "text": texts}, schema=REJECT_SCHEMA))
