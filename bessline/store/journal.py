"""The journal: live input on disk before it is acknowledged. Append-only segments of records that check themselves.

A record is a mark, its length, its number, a digest and its bytes. What a killed writer left half-written at the end
is no record: it is cut off and counted. Records that do not hold amid good ones are damage: they are kept aside and the
good ones behind them still count.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FOLDER = "journal"
_MARK = b"BLJ\x01"
_HEAD = struct.Struct("<4sIQ8s")
_PROBE_BYTES = 64 << 10
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a segment holds: its records by number, how many bytes at its end are no record, and how many amid them."""

    records: list[tuple[int, bytes]]
    good_bytes: int
    torn_bytes: int
    damaged_bytes: int


def pack(number: int, body: bytes) -> bytes:
    """One record.

    >>> scan(pack(7, b"rows") + b"BLJ").records, scan(pack(7, b"rows") + b"BLJ").torn_bytes
    ([(7, b'rows')], 3)
    """
    return _HEAD.pack(_MARK, len(body), number, _digest(number, body)) + body


def scan(data: bytes) -> Found:
    """The records in `data`. Never raises, whatever the bytes are."""
    records: list[tuple[int, bytes]] = []
    at = good = damaged = 0
    while at < len(data):
        record = _record(data, at)
        if record is None:
            # damage, if a good record follows; else the torn end
            following = next(_good_marks(data, at + 1), None)
            if following is None:
                break
            damaged += following - at
            at = following
            continue
        records.append(record)
        at += _HEAD.size + len(record[1])
        good = at
    return Found(records, good, len(data) - good, damaged)


def _good_marks(data: bytes, start: int) -> Iterator[int]:
    at = data.find(_MARK, start)
    while at >= 0:
        if _record(data, at) is not None:
            yield at
        at = data.find(_MARK, at + 1)


def _record(data: bytes, at: int) -> tuple[int, bytes] | None:
    if len(data) - at < _HEAD.size:
        return None
    mark, size, number, digest = _HEAD.unpack_from(data, at)
    body = data[at + _HEAD.size : at + _HEAD.size + size]
    if mark != _MARK or len(body) != size or digest != _digest(number, body):
        return None
    return number, body


def _digest(number: int, body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=8, salt=struct.pack("<Q", number)).digest()


def segments(folder: Path) -> list[Path]:
    """The segments in order."""
    return sorted(folder.glob("*.log"))


class Journal:
    """Appends to the journal in `folder`, made if need be. One process and one thread at a time.

    Parameters
    ----------
    after: the number of the last record that is settled elsewhere; numbers go on from there.

    `records` are those that are not settled yet; `torn_bytes` were cut off at opening, `damaged_bytes` put aside.
    """

    def __init__(self, folder: Path, *, after: int) -> None:
        folder.mkdir(exist_ok=True)
        self._folder, self._handle, self._size = folder, -1, 0
        self.torn_bytes = self.damaged_bytes = 0
        held = [record for path in segments(folder) for record in self._repair(path)]
        self.records = [record for record in held if record[0] > after]
        self.last = max([after, *(number for number, _ in held)])
        self.drop(after)

    def _repair(self, path: Path) -> list[tuple[int, bytes]]:
        found = scan(path.read_bytes())
        if found.damaged_bytes:
            aside = path.with_suffix(".damaged")
            logger.error("%s: %d bytes do not match their checksum; see %s", path, found.damaged_bytes, aside)
            aside.write_bytes(path.read_bytes())
        if found.torn_bytes:
            logger.warning("%s: %d bytes of an unfinished write are cut off", path, found.torn_bytes)
            os.truncate(path, found.good_bytes)
        self.torn_bytes += found.torn_bytes
        self.damaged_bytes += found.damaged_bytes
        return found.records

    def append(self, bodies: Sequence[bytes]) -> list[int]:
        """Write records and force them to disk together; returns their numbers.

        Raises
        ------
        OSError
            nothing of it is kept: the segment ends where it ended before.
        """
        numbers = list(range(self.last + 1, self.last + 1 + len(bodies)))
        data = b"".join(pack(number, body) for number, body in zip(numbers, bodies, strict=True))
        if self._handle < 0:
            self._begin()
        try:
            self._write(data)
            os.fdatasync(self._handle)
        except OSError:
            self._undo()
            raise
        self._size += len(data)
        self.last = numbers[-1] if numbers else self.last
        return numbers

    def _begin(self) -> None:
        path = self._folder / f"{self.last + 1:016x}.log"
        # a segment of this name holds nothing that was acknowledged: its first record would have this number
        self._handle, self._size = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644), 0
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._handle, view) :]

    def _undo(self) -> None:
        try:
            os.ftruncate(self._handle, self._size)
            os.lseek(self._handle, self._size, os.SEEK_SET)
        except OSError:
            # what stands there is unknown; a torn end is cut at the next opening
            self.rotate()

    def probe(self) -> None:
        """Try whether the disk takes anything; raises OSError where it does not, and leaves nothing behind."""
        path = self._folder / ".probe"
        try:
            with path.open("wb") as file:
                file.write(bytes(_PROBE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        finally:
            path.unlink(missing_ok=True)

    def rotate(self) -> int:
        """Begin a new segment with the next record; returns the number of the last record so far."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        return self.last

    def drop(self, upto: int) -> None:
        """Remove the segments whose records are all numbered `upto` or lower. Not the one that is written to."""
        found = segments(self._folder)
        ends = [*(int(path.stem, 16) - 1 for path in found[1:]), self.last]
        for path, end in zip(found, ends, strict=False):
            is_open = self._handle >= 0 and path == found[-1]
            if end <= upto and not is_open:
                path.unlink()

    def close(self) -> None:
        """Let go of the file."""
        self.rotate()


class JournalReader:
    """Reads the journal in `folder` while another process writes it: each record once, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}

    def more(self, *, after: int) -> list[tuple[int, bytes]]:
        """The records that came since the last call, those numbered above `after`."""
        found: dict[int, bytes] = {}
        paths = segments(self._folder)
        for path in paths:
            with suppress(FileNotFoundError):  # a seal may take it away meanwhile; its rows are in the files then
                found.update(self._some(path))
        self._read = {path: self._read[path] for path in paths if path in self._read}
        return [(number, found[number]) for number in sorted(found) if number > after]

    def _some(self, path: Path) -> list[tuple[int, bytes]]:
        at = self._read.get(path, 0)
        size = path.stat().st_size
        if size == at:
            return []
        with path.open("rb") as file:
            file.seek(at if at < size else 0)
            scanned = scan(file.read())
        # what is half-written is read again when it is whole
        self._read[path] = (at if at < size else 0) + scanned.good_bytes
        return scanned.records
