"""Growing signal files: what was appended since the last look, whole lines only, read by the code that reads files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bessline.errors import SourceError
from bessline.sources.base import Part
from bessline.sources.batch import Batch
from bessline.sources.csv_blocks import LINE_BYTES, TEXT_CHARS, Block, line_end, too_long, unreadable
from bessline.sources.csv_head import Head, read_head
from bessline.sources.csv_table import BlockReader
from bessline.sources.signal_file import SignalFileJob

#: Lines before the place that are read again at a start: they tell which pass of a repeated hour it is.
CONTEXT_BYTES = 16 << 10
_MARK_BYTES = 256


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read: `offset` bytes, and a digest of the last of them (empty where nobody knows it)."""

    offset: int
    mark: str = ""


class GrowingFile:
    """One file of one signal that is written to while it is read.

    `place` is how far it was read; `begun_anew` counts how often it was another file than before (rotated, truncated,
    written anew) and was read from its beginning.
    """

    def __init__(self, job: SignalFileJob, place: Place | None = None) -> None:
        self.job, self.place = job, place
        self.begun_anew = 0
        self._reader: BlockReader | None = None
        self._line = self._looked_to = 0

    @property
    def path(self) -> Path:
        """The file."""
        return self.job.file

    def read(self, most_bytes: int) -> Iterator[Part]:
        """The rows of at most `most_bytes` of new whole lines; `place` moves behind them once all are taken.

        Raises
        ------
        SourceError
            the file cannot be read at the moment.
        """
        try:
            with self.path.open("rb") as handle:
                yield from self._read(handle, most_bytes)
        except OSError as error:
            raise unreadable(self.path, error) from error

    def _read(self, handle: BinaryIO, most_bytes: int) -> Iterator[Part]:
        if self.place is not None and not _is_same(handle, self.place):
            self.place, self._reader, self._looked_to = None, None, 0
            self.begun_anew += 1
        if self._reader is None:
            self._reader = self._begin(handle)
        if self._reader is None or self.place is None:
            return
        start = self.place.offset
        data = _whole_lines(handle, start, most_bytes)
        if data is None:
            end = self._end_of_line(handle, start)
            yield too_long(_read_at(handle, start, TEXT_CHARS), self._line)
            self._line += 1
            self.place = Place(end, _mark(handle, end))
        elif data:
            block = Block(data, self._line)
            yield from self._parts(self._reader, block)
            self._line += block.newlines
            self.place = Place(start + len(data), _mark(handle, start + len(data)))
            self._looked_to = self.place.offset

    def _begin(self, handle: BinaryIO) -> BlockReader | None:
        """A reader that knows the lines before the place; None where there is no row yet."""
        head = read_head(self.path, delimiter=self.job.cells.delimiter)
        if not head.rows:
            return None
        offset = head.offset if self.place is None else _line_start(handle, self.place.offset, head)
        reader = BlockReader(self.job.layout(head), self.job.zone.clock())
        begin = _line_start(handle, max(head.offset, offset - CONTEXT_BYTES), head)
        before = Block(_read_at(handle, begin, offset - begin), 1)
        if before.data:
            list(reader.parts(before))
        # lines are counted from the head on; after a start amid the file, from the place on
        self._line = head.first_line if offset == head.offset else 1
        self.place = Place(offset, _mark(handle, offset))
        return reader

    def _end_of_line(self, handle: BinaryIO, start: int) -> int:
        """Where the line that is too long ends. While it does not, what was looked through is not searched again."""
        if handle.seek(0, 2) < self._looked_to:  # it was cut off, and this is another one
            self._looked_to = start
        handle.seek(max(start, self._looked_to))
        while rest := line_end(handle):
            if rest.endswith(b"\n"):
                return handle.tell()
        self._looked_to = handle.tell()
        raise SourceError(f"a line goes on for more than {LINE_BYTES} bytes, and has not ended", path=self.path)

    def _parts(self, reader: BlockReader, block: Block) -> Iterator[Part]:
        for part in reader.parts(block):
            yield part.rows(0, self.job.signals[0], self.job.scaling) if isinstance(part, Batch) else part


def _is_same(handle: BinaryIO, place: Place) -> bool:
    """Whether the file goes on from `place`: rotated, truncated and rewritten files do not."""
    if handle.seek(0, 2) < place.offset:
        return False
    return not place.mark or _mark(handle, place.offset) == place.mark


def _mark(handle: BinaryIO, offset: int) -> str:
    start = max(0, offset - _MARK_BYTES)
    return hashlib.blake2b(_read_at(handle, start, offset - start), digest_size=8).hexdigest()


def _line_start(handle: BinaryIO, offset: int, head: Head) -> int:
    """The beginning of the line that `offset` lies in."""
    start = max(head.offset, offset - LINE_BYTES)
    before = _read_at(handle, start, offset - start)
    return start + before.rfind(b"\n") + 1 if b"\n" in before else start


def _read_at(handle: BinaryIO, start: int, most_bytes: int) -> bytes:
    handle.seek(start)
    return handle.read(most_bytes)


def _whole_lines(handle: BinaryIO, start: int, most_bytes: int) -> bytes | None:
    """The whole lines from `start` on; None where the first is too long."""
    data = _read_at(handle, start, most_bytes)
    end = data.rfind(b"\n") + 1
    if end or len(data) < most_bytes:
        return data[:end]
    # a line longer than what is read at once
    data += handle.readline(LINE_BYTES)
    if len(data) == most_bytes + LINE_BYTES and not data.endswith(b"\n"):
        return None
    return data if data.endswith(b"\n") else b""
