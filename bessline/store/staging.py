"""Staging: one file of a source becomes sorted runs, a reject file and a receipt. Pure, repeatable, run by a worker."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType

from bessline.errors import SourceError
from bessline.sources.appended import End, ReadWhole
from bessline.sources.base import Job, Note, Rejects, Rows, SignalId
from bessline.store.manifest import FileEntry
from bessline.store.receipt import Receipt, read_receipt, write_receipt
from bessline.store.rejects import RejectFile
from bessline.store.runs import RunWriter


def job_name(job: Job) -> str:
    """A name for the job's files: readable, and one for each path."""
    digest = hashlib.blake2b(str(job.file).encode(), digest_size=6).hexdigest()
    return f"{job.file.parent.name}-{job.file.stem}-{digest}"


def signature(job: Job) -> tuple[int, int]:
    """Size and modification time (ns) of the job's file.

    Raises
    ------
    SourceError
        the file cannot be looked at.
    """
    try:
        status = job.file.stat()
    except OSError as error:
        raise SourceError(f"cannot be read ({error.strerror})", path=job.file) from None
    return status.st_size, status.st_mtime_ns


def stage(job: Job, folder: Path, end: End | None = None) -> Receipt:
    """Read `job` into a folder of its own in `folder`; what stands behind `end` alone, where that can be.

    A receipt that an interrupted ingest left there for the same bytes is taken as it is.

    Raises
    ------
    SourceError
        the whole file cannot be read; nothing of it is left behind.
    """
    size, mtime_ns = signature(job)
    folder = folder / job_name(job)
    folder.mkdir(exist_ok=True)
    receipt_path = folder / "receipt"
    since = end.offset if end is not None and end.offset < size and job.can_grow and end.is_in(job.file) else 0
    receipt = _earlier(receipt_path, job, size=size, mtime_ns=mtime_ns)
    if receipt is not None and receipt.since in (0, since):
        return receipt
    try:
        receipt = _staged(job, folder, since=since, size=size, mtime_ns=mtime_ns)
    except ReadWhole:
        receipt = _staged(job, folder, since=0, size=size, mtime_ns=mtime_ns)
    write_receipt(receipt_path, receipt)
    return receipt


def _staged(job: Job, folder: Path, *, since: int, size: int, mtime_ns: int) -> Receipt:
    with _Stage(job, folder) as staged:
        for part in job.read_on(since) if since else job.read():
            staged.take(part)
        # of a file that has grown meanwhile nobody knows how far it was read
        known = End.of(job.file, size) if job.can_grow and signature(job) == (size, mtime_ns) else None
        return staged.receipt(size=size, mtime_ns=mtime_ns, mark=known.mark if known else "", since=since)


def _earlier(path: Path, job: Job, *, size: int, mtime_ns: int) -> Receipt | None:
    receipt = read_receipt(path)
    if receipt is None:
        return None
    fits = receipt.file.same_bytes(size, mtime_ns) and receipt.file.reading == job.reading
    return receipt if fits and receipt.complete() else None


class _Stage:
    """The open writers of one job; leaving with an exception removes what they began."""

    def __init__(self, job: Job, folder: Path) -> None:
        self._job, self._folder = job, folder
        self._runs: dict[SignalId, RunWriter] = {}
        self._rejects = RejectFile(folder / "rejects.csv", job.file)
        self._rows = 0
        self._notes: dict[str, int] = {}

    def __enter__(self) -> _Stage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            return
        for writer in self._runs.values():
            writer.abandon()
        self._rejects.abandon()

    def take(self, part: Rows | Rejects | Note) -> None:
        match part:
            case Rows() if len(part.stamps):
                self._rows += len(part.stamps)
                self._writer(part.signal).append(part.stamps, part.numbers)
            case Rejects():
                self._rejects.add_table(part)
            case Note():
                self._notes[part.text] = self._notes.get(part.text, 0) + part.rows

    def _writer(self, signal: SignalId) -> RunWriter:
        if signal not in self._runs:
            stem = f"{signal.device_id}-{signal.topic}-{signal.field}"
            superseded = self._rejects.superseded(signal)
            self._runs[signal] = RunWriter(signal, self._folder, stem=stem, superseded=superseded)
        return self._runs[signal]

    def receipt(self, *, size: int, mtime_ns: int, mark: str, since: int) -> Receipt:
        runs = {str(signal): writer.close() for signal, writer in self._runs.items()}
        rejected = self._rejects.close()
        writers = self._runs.values()
        file = FileEntry(
            size=size,
            mtime_ns=mtime_ns,
            reading=self._job.reading,
            signals=tuple(runs),
            rows=self._rows,
            duplicates=sum(writer.duplicates for writer in writers),
            conflicts=sum(writer.conflicts for writer in writers),
            rejected=rejected,
            reject_files=(str(self._rejects.path),) if self._rejects.lines else (),
            notes=self._notes,
            mark=mark,
        )
        return Receipt(runs=runs, file=file, since=since)
