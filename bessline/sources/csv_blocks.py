"""A text file as blocks of whole lines that know their line numbers; memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import SEEK_CUR
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from bessline.errors import SourceError
from bessline.sources.base import REJECT_SCHEMA, Rejects

#: Small blocks stay in the processor's cache (4 MB parse a fifth faster than 16 MB); wide tables want rows enough.
SIGNAL_BLOCK_ROWS, BLOCK_BYTES, WIDE_BLOCK_BYTES = 65_536, 4 << 20, 32 << 20
#: What a line may have behind the end of its block; it bounds what one line can make us hold.
LINE_BYTES = 1 << 20
TEXT_CHARS = 500
_NEWLINE = 10


@dataclass
class Block:
    """Whole lines; line 1 is the first line of the file."""

    lines: bytes | memoryview
    first_line: int

    @property
    def data(self) -> bytes:
        """The lines as bytes of their own."""
        return bytes(self.lines)

    @cached_property
    def newlines(self) -> int:
        """How many lines end in it. Whoever has seen them may say so: counting costs as much as a tenth of a parse."""
        return int(np.count_nonzero(np.frombuffer(self.lines, np.uint8) == _NEWLINE))

    def pieces(self, count: int) -> Iterator[Block]:
        """The same lines as about `count` smaller blocks."""
        data, line = self.data, self.first_line
        start, step = 0, max(1, len(data) // count)
        while start < len(data):
            end = data.find(b"\n", start + step) + 1 or len(data)
            piece = Block(data[start:end], line)
            yield piece
            start, line = end, line + piece.newlines


def unreadable(path: Path, error: OSError) -> SourceError:
    """The refusal of a file that the system does not let us read."""
    why = error.strerror or str(error)
    return SourceError(f"cannot be read ({why}); check that it is a file and its permissions", path=path)


def blocks(path: Path, *, offset: int, first_line: int, size: int = BLOCK_BYTES) -> Iterator[Block | Rejects]:
    """Yield the lines from byte `offset` on, `first_line` being the number of the line there.

    A line that goes on for LINE_BYTES after the first `size` bytes is rejected, whatever it holds.
    """
    try:
        with path.open("rb", buffering=0) as handle:
            handle.seek(offset)
            yield from _blocks_of(handle, first_line, size=size)
    except OSError as error:
        raise unreadable(path, error) from error


def _blocks_of(handle: BinaryIO, line: int, *, size: int) -> Iterator[Block | Rejects]:
    while data := handle.read(size):
        end = data.rfind(b"\n") + 1
        if not end:
            rest = line_end(handle)
            data += rest
            end = len(data)
            if len(rest) == LINE_BYTES and not rest.endswith(b"\n"):
                yield too_long(data, line)
                line += 1
                while rest and not rest.endswith(b"\n"):
                    rest = line_end(handle)
                continue
        handle.seek(end - len(data), SEEK_CUR)
        block = Block(memoryview(data)[:end], line)
        yield block
        line += block.newlines


def line_end(handle: BinaryIO) -> bytes:
    """What there is up to the end of the line, LINE_BYTES at most."""
    data = handle.read(LINE_BYTES)
    end = data.find(b"\n") + 1 or len(data)
    handle.seek(end - len(data), SEEK_CUR)
    return data[:end]


def too_long(data: bytes, line: int) -> Rejects:
    """Line number `line`, which begins with `data`, as a row that cannot be taken."""
    text = data[:TEXT_CHARS].decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return reject_rows([line], [f"the line is longer than {LINE_BYTES} bytes"], [text[:TEXT_CHARS]])


def reject_rows(lines: list[int], reasons: list[str], texts: list[str]) -> Rejects:
    """Rejects from columns of equal length."""
    return Rejects(pa.table({"line": lines, "reason": reasons, "text": texts}, schema=REJECT_SCHEMA))
