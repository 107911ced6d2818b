"""Files of rows that were lost: text for a person, whose name says a digest of what they hold."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import numpy as np
import xxhash

from bessline.sources.base import Float64, Int64, Rejects, SignalId
from bessline.store.signed import damaged

#: Why rows stand there that could be read.
REPLACED = "a later row has the same stamp and another value"
_PIECE_BYTES = 1 << 20
_NAMED = re.compile(r"\.([0-9a-f]{16})\.csv$", re.ASCII)


class RejectFile:
    """The rows that a file lost, as CSV ``file,line,reason,text``; created when the first one comes."""

    def __init__(self, path: Path, source: Path) -> None:
        self.path, self.lines, self._rejected = path, 0, 0
        self._source = str(source)
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._file: TextIO | None = None

    def add_table(self, rejects: Rejects) -> None:
        table = rejects.table
        self._rejected += table.num_rows
        columns = (table.column(name).to_pylist() for name in ("line", "reason", "text"))
        for line, reason, text in zip(*columns, strict=True):
            self._add(line, reason, text)

    def superseded(self, signal: SignalId) -> Callable[[Int64, Float64], None]:
        """A taker of rows of `signal` that lost against a later row of the same stamp."""

        def take(t_ms: Int64, value: Float64) -> None:
            stamps = np.datetime_as_string(t_ms.astype("M8[ms]"), unit="ms").tolist()
            for stamp, lost in zip(stamps, value.tolist(), strict=True):
                self._add(None, REPLACED, f"{signal} {stamp}Z {lost}")

        return take

    def _add(self, line: int | None, reason: str, text: str) -> None:
        if self._file is None:
            self._file = self._temporary.open("w", newline="", encoding="utf-8")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["file", "line", "reason", "text"])
        self._writer.writerow([self._source, "" if line is None else line, reason, text])
        self.lines += 1

    def close(self) -> int:
        """Give the file its name, if there is one; returns how many rows were rejected (superseded ones apart)."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())  # nothing tells later whether it is whole
            self._file.close()
            self._temporary.replace(self.path)
        return self._rejected

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()
            self._temporary.unlink(missing_ok=True)


def named(path: Path) -> Path:
    """Give the file at `path`, ``x.csv``, the name ``x.<digest>.csv``; returns where it is."""
    return path.replace(path.with_name(f"{path.stem}.{_digest(path)}.csv"))


def check(path: Path) -> bool:
    """Whether the name of the file at `path` says what it holds; those of an earlier version say nothing.

    Raises
    ------
    StoreDamaged
        it holds something else, or cannot be read.
    FileNotFoundError
        it is gone.
    """
    said = _NAMED.search(path.name)
    try:
        found = _digest(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise damaged(path, error) from error
    if said is not None and said[1] != found:
        raise damaged(path, "it does not match its checksum")
    return said is not None


def _digest(path: Path) -> str:
    digest = xxhash.xxh3_64()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
