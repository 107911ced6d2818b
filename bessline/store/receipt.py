"""Receipts: what staging a file gave, kept beside it for who goes on after a kill."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from bessline.errors import StoreDamaged
from bessline.sources.base import Source
from bessline.store.columns import ColumnFile
from bessline.store.manifest import FileEntry, SignalEntry
from bessline.store.pyramid_file import PyramidFile
from bessline.store.row_group_cache import RowGroupCache


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What staging gave: one sorted run of each signal (``device/topic.field``), and the manifest entry of the file.

    Both tell of what stands behind the first `since` bytes of the file, which were read before.
    """

    runs: dict[str, SignalEntry]
    file: FileEntry
    since: int = 0

    def of(self, source: Source) -> Receipt:
        """The same, with what opens `source` again."""
        return replace(self, file=replace(self.file, opened=source.opened))

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the receipt names."""
        runs = (name for run in self.runs.values() for name in run.files)
        return tuple(map(Path, (*runs, *self.file.reject_files)))

    def complete(self) -> bool:
        """Whether all are there and whole: a killed ingest may have moved some, a power cut have emptied some."""
        try:
            for run in self.runs.values():
                ColumnFile(Path(run.file), RowGroupCache(max_bytes=1)).verify()
                if run.pyramid is not None:
                    PyramidFile(Path(run.pyramid), RowGroupCache(max_bytes=1)).verify()
        except StoreDamaged:
            return False
        return all(map(Path.exists, self.files))


def write_receipt(path: Path, receipt: Receipt) -> None:
    """Swap it in. It is not forced to disk: it says nothing that is not looked at again."""
    body = orjson.dumps(receipt)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(_digest(body) + b"\n" + body)
    temporary.replace(path)


def read_receipt(path: Path) -> Receipt | None:
    """The receipt in a file; None where none is there, its checksum does not hold, or another version wrote it."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if digest != _digest(body):
        return None
    told = orjson.loads(body)
    try:
        runs = {name: SignalEntry(**run) for name, run in told["runs"].items()}
        file = told["file"]
        listed = {name: tuple(file[name]) for name in ("signals", "reject_files")}
        return Receipt(runs=runs, file=FileEntry(**file | listed), since=told["since"])
    except (KeyError, TypeError):
        return None


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).hexdigest().encode()
