"""The error tree. Errors carry data; the shells turn them into exit codes and problem details.

BesslineError
├── SourceError            a source, or one file of it, cannot be read
│   ├── EmptySource        nothing in it that we know how to read
│   ├── ZoneMissing        stamps without a zone and nobody said which
│   ├── DescriptionError   the YAML beside the data is wrong
│   └── AlarmFileError     the YAML of the alarms is wrong
├── StoreError             the store cannot be used
│   ├── StoreMissing
│   ├── StoreLocked        another ingest is writing
│   ├── StoreUnwritable    read-only
│   ├── StoreFull          no space left on the device
│   └── StoreDamaged       a checksum or a format does not hold
├── ServerError            a server that a client asks does not give what was asked
│   ├── KeyRefused         it wants a key, or another one
│   ├── NotServed          it knows no such device or address
│   ├── NotAccepted        a parameter that it cannot serve
│   └── Unreachable        it does not answer
├── CannotWrite            a file that a command is to write
├── NotKnown               a device, topic or signal that the store does not have
└── BadParameter           a request's parameter that cannot be served
    └── BadCursor
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


class BesslineError(Exception):
    """Base of all errors a user may see. The message is a sentence for that user.

    ``exit_code`` is the status with which a command that fails for this reason ends.
    """

    exit_code = 1


class SourceError(BesslineError):
    """A source or a file of it cannot be read; `path` and, where known, `line` say where."""

    exit_code = 3

    def __init__(self, message: str, *, path: Path | None = None, line: int | None = None) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(where + message)
        self.path, self.line, self.reason = path, line, message


class EmptySource(SourceError):
    exit_code = 4


class ZoneMissing(SourceError):
    exit_code = 5


class DescriptionError(SourceError):
    exit_code = 6


class AlarmFileError(SourceError):
    exit_code = 7


class StoreError(BesslineError):
    """The store at `path` cannot be used."""

    exit_code = 10

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(f"{path}: {message}")
        self.path, self.reason = path, message


class StoreMissing(StoreError):
    exit_code = 11


class StoreLocked(StoreError):
    exit_code = 12


class StoreUnwritable(StoreError):
    exit_code = 13


class StoreFull(StoreError):
    exit_code = 14


class StoreDamaged(StoreError):
    exit_code = 15


class ServerError(BesslineError):
    """The server did not give `url`; `status` is the HTTP status, None where there was no answer."""

    exit_code = 30

    def __init__(self, message: str, *, url: str, status: int | None = None) -> None:
        super().__init__(f"{url}: {message}")
        self.url, self.status, self.reason = url, status, message


class KeyRefused(ServerError):
    exit_code = 31


class NotServed(ServerError):
    exit_code = 32


class NotAccepted(ServerError):
    exit_code = 33


class Unreachable(ServerError):
    exit_code = 34


class CannotWrite(BesslineError):
    """A file that a command was to write cannot be written."""

    exit_code = 21


class NotKnown(BesslineError):
    """`name` is no known `kind` (device, topic, signal); `matches` are the names nearest to it.

    >>> str(NotKnown("device", "batt01", known=["batt1", "batt10"]))
    "no device 'batt01'; did you mean 'batt1' or 'batt10'?"
    """

    exit_code = 20

    def __init__(self, kind: str, name: str, *, known: Iterable[str]) -> None:
        self.kind, self.name = kind, name
        self.matches = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(map(repr, self.matches))}?" if self.matches else ""
        super().__init__(f"no {kind} {name!r}{hint}")


class BadParameter(BesslineError):
    """Parameter `name` cannot be served; the message says how to write it."""

    exit_code = 2

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class BadCursor(BadParameter):
    def __init__(self, message: str) -> None:
        super().__init__("cursor", message)
