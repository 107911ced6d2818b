"""Signed Parquet files: a digest of each row group and of the footer, so that no changed byte reads as a value.

Page checksums leave out what says how to read a page: its header, and the footer with the statistics that seeks go by.
The signature stands between the last row group and the footer, where readers of Parquet do not look.
"""

from __future__ import annotations

import itertools
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from bessline.errors import StoreDamaged
from bessline.sources.base import Int64

#: What the footer of a signed file says of itself, so that no signature can go unseen.
MARK = {b"bessline": b"signed"}
_MAGIC = b"BLSIGN\x01\n"
_END = struct.Struct("<QI8s")
_TAIL = struct.Struct("<I4s")
_TAIL_BYTES = 16 << 10


@dataclass(frozen=True, slots=True)
class Signed:
    """A Parquet file whose footer was found to be as it was written.

    `ends`: int64[groups + 1], where its row groups begin and end; `digests`: one a row group, none in a file of an
    earlier version, where page checksums must do.
    """

    path: Path
    metadata: Any
    ends: Int64
    digests: tuple[int, ...] | None

    def table(self, group: int, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a row group; of all its columns, or of some.

        Raises
        ------
        StoreDamaged
            its bytes are not those that were written.
        """
        begin, end = self.ends[group : group + 2].tolist()
        try:
            image = _image(self.path, begin, end)
            read = memoryview(image)[begin:end]
            if self.digests is not None and xxhash.xxh3_64_intdigest(read) != self.digests[group]:
                raise damaged(self.path, f"row group {group} does not match its checksum")
            # a digest covers every byte that is decoded; a file of an earlier version has checksums of its pages alone
            checked = self.digests is None
            with pq.ParquetFile(
                pa.BufferReader(image), metadata=self.metadata, pre_buffer=False, page_checksum_verification=checked
            ) as file:
                return file.read_row_group(group, columns=columns, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise damaged(self.path, error) from error

    @property
    def image(self) -> bytes:
        """All its row groups as they stand in the file, from its first byte on.

        Raises
        ------
        StoreDamaged
            they are not what was written.
        """
        with _opened(self.path) as handle:
            data = os.pread(handle, int(self.ends[-1]), 0)
        spans = itertools.pairwise(self.ends.tolist())
        if self.digests is None or self.digests != tuple(
            xxhash.xxh3_64_intdigest(memoryview(data)[begin:end]) for begin, end in spans
        ):
            raise damaged(self.path, "its row groups do not match their checksums")
        return data

    def verify(self) -> None:
        """Look at every row group; raises StoreDamaged where one is not as it was written."""
        for group in range(self.metadata.num_row_groups):
            self.table(group)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Where to write the Parquet file that is to be at `path`: it is signed and gets its name, or nothing stays."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        sign(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sign(path: Path) -> int:
    """Sign the finished Parquet file at `path`, which nobody reads yet; returns its size in bytes."""
    with path.open("r+b") as file:
        start, footer = _footer(file.fileno(), file.seek(0, os.SEEK_END))
        ends = _ends(_parsed(footer), start)
        digests = [_digest_of(file.fileno(), begin, end) for begin, end in itertools.pairwise(ends.tolist())]
        listed = struct.pack(f"<{len(digests)}Q", *digests)
        whole = xxhash.xxh3_64_intdigest(listed + footer)
        file.seek(start)
        file.write(listed + _END.pack(whole, len(digests), _MAGIC) + footer)
        return file.tell()


def footer_start(handle: int) -> int:
    """Where the footer of an open Parquet file begins."""
    return _footer(handle, os.fstat(handle).st_size)[0]


def _digest_of(handle: int, begin: int, end: int) -> int:
    return xxhash.xxh3_64_intdigest(os.pread(handle, end - begin, begin))


def open_signed(path: Path) -> Signed:
    """Look at the footer of the file at `path`, and only there.

    Raises
    ------
    StoreDamaged
        the file is missing, or its footer is not the one that was written.
    """
    try:
        with _opened(path) as handle:
            start, footer = _footer(handle, os.fstat(handle).st_size)
            digests, end = _signature(handle, start, footer)
        metadata = _parsed(footer)
        if digests is None and MARK.items() <= (metadata.metadata or {}).items():
            raise damaged(path, "its signature is gone")
        ends = _ends(metadata, end)
        if digests is not None and len(digests) != metadata.num_row_groups:
            raise damaged(path, "its signature is of another file")
        return Signed(path, metadata, ends, digests)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(path, error) from error


def _signature(handle: int, start: int, footer: bytes) -> tuple[tuple[int, ...] | None, int]:
    """The digests before the footer, and where their list starts."""
    whole, count, magic = _END.unpack(os.pread(handle, _END.size, max(0, start - _END.size)).rjust(_END.size, b"\0"))
    if magic != _MAGIC:
        return None, start
    begin = start - _END.size - 8 * count
    listed = os.pread(handle, 8 * count, begin) if begin >= 0 else b""
    if len(listed) != 8 * count or xxhash.xxh3_64_intdigest(listed + footer) != whole:
        raise ValueError("its footer does not match its checksum")
    return struct.unpack(f"<{count}Q", listed), begin


def _image(path: Path, begin: int, end: int) -> pa.Buffer:
    """The start of a file of which only the bytes [begin, end) are read, once; the others are never touched.

    What is decoded is so what was digested, whatever happens to the file meanwhile.
    """
    image = pa.allocate_buffer(end)
    with _opened(path) as handle:
        # who reads the start of a file is taken to read all of it: a megabyte would be waited for
        if not begin and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(handle, 0, end, os.POSIX_FADV_RANDOM)
        if os.preadv(handle, [memoryview(image)[begin:end]], begin) != end - begin:
            raise damaged(path, f"ends before its byte {end}")
    return image


def _footer(handle: int, size: int) -> tuple[int, bytes]:
    """Where the footer starts, and its bytes with all that follows."""
    guess = max(0, size - _TAIL_BYTES)
    tail = os.pread(handle, size - guess, guess)
    if len(tail) < _TAIL.size or tail[-4:] != b"PAR1":
        raise ValueError("it does not end as a Parquet file")
    start = size - _TAIL.size - _TAIL.unpack(tail[-_TAIL.size :])[0]
    if start < 4:
        raise ValueError("its footer is larger than the file")
    return start, tail[start - guess :] if start >= guess else os.pread(handle, size - start, start)


def _parsed(footer: bytes) -> Any:
    return pq.read_metadata(pa.BufferReader(footer))


def _ends(metadata: Any, end: int) -> Int64:
    """Where row groups begin, from the first byte of the file on, and where the last one ends."""
    first = (metadata.row_group(group).column(0) for group in range(1, metadata.num_row_groups))
    begins = [min(filter(None, (column.dictionary_page_offset, column.data_page_offset))) for column in first]
    return np.array([0, *begins, end] if metadata.num_row_groups else [0], np.int64)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def damaged(path: Path, error: Exception | str) -> StoreDamaged:
    """What is told of a file of the store that cannot be read."""
    return StoreDamaged(f"is damaged or missing ({(str(error).splitlines() or ['?'])[0][:200]})", path=path)
