"""What every source gives: jobs that can be read apart from each other, each a stream of parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bessline.errors import SourceError
from bessline.sources.decimals import Numbers, value_of
from bessline.sources.seconds import Stamps, t_ms_of

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

#: Words that say "no value from here on", lower case. They end the validity of the value before them.
MISSING_MARKERS = ("", "-", "unavailable", "unknown", "nan", "null", "none", "n/a", "na")

REJECT_SCHEMA = pa.schema([("line", pa.int64()), ("reason", pa.string()), ("text", pa.string())])


@dataclass(frozen=True, slots=True, order=True)
class SignalId:
    """One stored signal: `device_id` matches the contract's pattern, `topic` and `field` are the catalogue's."""

    device_id: str
    topic: str
    field: str

    def __str__(self) -> str:
        return f"{self.device_id}/{self.topic}.{self.field}"


@dataclass(frozen=True, slots=True)
class Rows:
    """Observations of one signal, in the order of the file; unit, sign and zone are already put right.

    `stamps`: n, UTC. `numbers`: n values as they were read.
    The arrays may be shared with other parts and read-only.
    """

    signal: SignalId
    stamps: Stamps
    numbers: Numbers

    @property
    def t_ms(self) -> Int64:
        """The stamps as int64[n], milliseconds since the epoch."""
        return t_ms_of(self.stamps)

    @property
    def value(self) -> Float64:
        """The values as float64[n], NaN for an explicit missing marker."""
        return value_of(self.numbers)


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rows that could not be taken: an Arrow table of REJECT_SCHEMA. Line 1 is the first line of the file."""

    table: pa.Table

    def after(self, lines: int) -> Rejects:
        """The same with so many lines before them."""
        moved = [line + lines for line in self.table.column("line").to_pylist()]
        return Rejects(self.table.set_column(0, REJECT_SCHEMA.field(0), pa.array(moved, pa.int64())))


@dataclass(frozen=True, slots=True)
class Note:
    """Something decided about `rows` rows that a user should know, such as how a repeated hour was read."""

    text: str
    rows: int


Part = Rows | Rejects | Note


class Job(ABC):
    """One file to read. Picklable: it is sent to a worker process, so it holds names, not handles."""

    file: Path
    signals: tuple[SignalId, ...]

    @abstractmethod
    def read(self) -> Iterator[Part]:
        """Read the file in bounded memory.

        Raises
        ------
        SourceError
            when the whole file cannot be read (no header, a missing column, corrupt, unreadable). Parts yielded before
            are then discarded by the caller.
        """

    @property
    def can_grow(self) -> bool:
        """Whether `read_on` can read what was appended alone."""
        return False

    def read_on(self, offset: int) -> Iterator[Part]:
        """Read what stands behind `offset`, where a line ends: the same parts that `read` gives of it.

        Raises
        ------
        ReadWhole
            it cannot be understood alone (see `bessline.sources.appended`); the parts before are then discarded.
        """
        raise NotImplementedError

    @property
    @abstractmethod
    def reading(self) -> str:
        """How the file is read (zone, scales, signs), as one line that changes when the meaning of its rows would."""


@dataclass(frozen=True, slots=True)
class Source:
    """A discovered source.

    Parameters
    ----------
    path: the folder or file the user named.
    kind: ``signal folder`` or ``wide table``.
    timezone: IANA name of the plant's zone, used for local days; ``None`` means UTC.
    whole_rows: the source delivers whole rows with their own stamps; otherwise readings are aligned on a grid.
    hold_s: for a change-driven source, how long a value holds (seconds); ``None`` for a polled one.
    jobs: one per readable file.
    opened: what `open_source` was told, by parameter, so that the same source can be opened again.
    refused: files that discovery could not take; the rest goes on without them.
    """

    path: Path
    kind: str
    timezone: str | None
    whole_rows: bool
    jobs: tuple[Job, ...]
    refused: tuple[SourceError, ...] = ()
    hold_s: float | None = None
    ignored: tuple[Path, ...] = field(default=())
    opened: dict[str, str] = field(default_factory=dict)
