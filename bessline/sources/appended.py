"""What was appended to a file since it was read, where what was read stands there still."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

_EDGE_BYTES = 64 << 10


class ReadWhole(Exception):
    """What was appended cannot be understood without the lines before it."""


@dataclass(frozen=True, slots=True)
class End:
    """How far a file was read: `offset` bytes, and the `mark` of its first and its last bytes before that.

    The bytes between those are taken to be as they were: to look at them all would cost what is saved. Logs and exports
    grow at their end; who edits the midst of a file *and* appends to it before the next look must have it read anew.
    """

    offset: int
    mark: str

    @classmethod
    def of(cls, path: Path, offset: int) -> End | None:
        """The end of a file that was read up to `offset`; None where no line ends there, or it cannot be looked at.

        >>> End.of(Path(os.devnull), 5) is None
        True
        """
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            edge = min(offset, _EDGE_BYTES)
            first, last = os.pread(handle, edge, 0), os.pread(handle, edge, offset - edge)
        except OSError:
            return None
        finally:
            os.close(handle)
        if len(last) < edge or not last.endswith(b"\n"):
            return None
        return cls(offset, hashlib.blake2b(first + last, digest_size=8).hexdigest())

    def is_in(self, path: Path) -> bool:
        """Whether the file at `path` goes on behind this end."""
        return End.of(path, self.offset) == self


def lines_before(path: Path, offset: int) -> int:
    """How many lines end in the first `offset` bytes."""
    count = 0
    with path.open("rb", buffering=0) as handle:
        while offset > 0 and (data := handle.read(min(offset, 4 << 20))):
            count += data.count(b"\n")
            offset -= len(data)
    return count
