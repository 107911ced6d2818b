"""Ingest: from sources to the store, resumable, one swap of the manifest a device."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from bessline.errors import SourceError, StoreError, StoreMissing
from bessline.sources.appended import End
from bessline.sources.base import Job, Source
from bessline.sources.discovery import kinds_of
from bessline.sources.twins import check_twins
from bessline.store.commit import Commit
from bessline.store.durable import Forcing
from bessline.store.lock import disk_errors, writing
from bessline.store.manifest import Manifest
from bessline.store.manifest_file import read_manifest, write_manifest
from bessline.store.receipt import Receipt
from bessline.store.rules import SourceRules
from bessline.store.staging import job_name, signature, stage
from bessline.store.workers import executor

#: Called with what is being done, how many files are done, and how many there are.
Progress = Callable[[str, int, int], None]


@dataclass
class IngestReport:
    """What an ingest did.

    `unchanged` files were in the store already, `refused` ones could not be read at all, and `ignored` ones do not end
    as data files do.
    """

    files: int = 0
    unchanged: int = 0
    rows: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    bytes: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    refused: list[SourceError] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    reject_files: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def left_aside(self) -> str:
        """What was ignored, as a person reads it; empty where nothing was."""
        return f"{kinds_of(self.ignored)} ({self.ignored[0]} first)" if self.ignored else ""

    def add(self, receipt: Receipt) -> None:
        """Count a file that was taken in."""
        file = receipt.file
        self.files += 1
        self.rows += file.rows
        self.duplicates += file.duplicates
        self.conflicts += file.conflicts
        self.rejected += file.rejected
        self.bytes += file.size - receipt.since
        for text, rows in file.notes.items():
            self.notes[text] = self.notes.get(text, 0) + rows


def ingest(
    sources: Sequence[Source], store: Path, *, workers: int | None = None, progress: Progress | None = None
) -> IngestReport:
    """Take every new or changed file of `sources` into the store in folder `store`, made if need be.

    Parameters
    ----------
    workers: processes; default one a core, 0 for none (this process does it).
    progress: told after each file.

    Killed at any moment the store is whole, and the next run goes on from the files that were done.

    Raises
    ------
    SourceError
        two sources have folders of one name (see `bessline.sources.twins`).
    StoreError
        the store cannot be written (see `bessline.errors`). What had been committed stays.
    """
    if any(source.path.resolve() == store.resolve() for source in sources):
        raise StoreError("is the source itself; name another folder with --store", path=store)
    check_twins(sources)
    began = time.monotonic()
    report = IngestReport(
        refused=[error for source in sources for error in source.refused],
        ignored=[path for source in sources for path in source.ignored],
    )
    with writing(store), Forcing() as forcing, executor(workers) as pool:
        try:
            _Ingest(store, pool, forcing, report=report, progress=progress or (lambda *_: None)).run(sources)
        except BrokenProcessPool:
            pool.shutdown(cancel_futures=True)
            raise StoreError(
                "a worker process was killed (out of memory?); run the command again", path=store
            ) from None
        except BaseException:
            # waits for the files in hand: whoever takes the lock next must find nobody writing
            pool.shutdown(cancel_futures=True)
            raise
    report.seconds = time.monotonic() - began
    return report


class _Ingest:
    def __init__(
        self, store: Path, pool: Executor, forcing: Forcing, *, report: IngestReport, progress: Progress
    ) -> None:
        self._store, self._pool, self._forcing, self._report, self._progress = store, pool, forcing, report, progress
        self._staging = store / "staging"
        self._done = self._total = 0
        self._manifest = open_or_begin(store)

    def run(self, sources: Sequence[Source]) -> None:
        groups = [(source, jobs) for source in sources for jobs in self._groups(source)]
        self._total = sum(len(jobs) for _, jobs in groups)
        sweep(self._store, self._manifest, keep={job_name(job) for _, jobs in groups for job in jobs})
        self._staging.mkdir(exist_ok=True)
        staged = [(source, jobs, self._begun(jobs)) for source, jobs in groups]
        for source, jobs, futures in staged:
            self._group(source, jobs, futures)
        sweep(self._store, None, keep=set())

    def _groups(self, source: Source) -> list[list[Job]]:
        """The new jobs, grouped so that a device appears whole: by device, or all where files span devices."""
        groups: dict[str, list[Job]] = {}
        for job in source.jobs:
            devices = {signal.device_id for signal in job.signals}
            key = devices.pop() if len(devices) == 1 else ""
            if self._is_new(job):
                groups.setdefault(key, []).append(job)
        return list(groups.values()) if "" not in groups else [[job for jobs in groups.values() for job in jobs]]

    def _is_new(self, job: Job) -> bool:
        known = self._manifest.files.get(str(job.file))
        try:
            size, mtime_ns = signature(job)
        except SourceError as error:
            self._report.refused.append(error)
            return False
        if known is None:
            return True
        if known.reading != job.reading:
            text = (
                f"is in this store already, read differently ({known.reading}; now {job.reading}); use another --store"
            )
            self._report.refused.append(SourceError(text, path=job.file))
            return False
        same = known.same_bytes(size, mtime_ns)
        self._report.unchanged += same
        return not same

    def _begun(self, jobs: Sequence[Job]) -> dict[Future[Receipt], Job]:
        """The staging of `jobs`, large files first: a small one at the end leaves no worker long alone."""
        order = sorted(jobs, key=_size, reverse=True)
        return {self._pool.submit(stage, job, self._staging, self._end(job)): job for job in order}

    def _end(self, job: Job) -> End | None:
        """How far the file was read before, if all that was read of it is in the store."""
        known = self._manifest.files.get(str(job.file))
        if known is None or not known.mark:
            return None
        return End(known.size, known.mark) if all(map(self._is_stored, known.signals)) else None

    def _is_stored(self, signal: str) -> bool:
        device_id, _, name = signal.partition("/")
        device = self._manifest.devices.get(device_id)
        return device is not None and name in device.signals

    def _group(self, source: Source, jobs: Sequence[Job], futures: Mapping[Future[Receipt], Job]) -> None:
        found: dict[Path, Receipt | SourceError] = {}
        for future in as_completed(futures):
            job = futures[future]
            try:
                found[job.file] = receipt = future.result().of(source)
                self._forcing.begin(receipt.files)
            except SourceError as error:
                found[job.file] = error
            self._done += 1
            self._progress(f"{job.file.parent.name}/{job.file.name}", self._done, self._total)
        self._forcing.finish()
        # of rows with the same stamp those of the later job count, whichever was read first
        outcomes = [(job, found[job.file]) for job in jobs]
        self._report.refused += [outcome for _, outcome in outcomes if isinstance(outcome, SourceError)]
        self._commit(source, [(job, outcome) for job, outcome in outcomes if isinstance(outcome, Receipt)])

    def _commit(self, source: Source, receipts: Sequence[tuple[Job, Receipt]]) -> None:
        if not receipts:
            return
        files = self._manifest.files
        earlier = {str(job.file): files[str(job.file)].conflicts for job, receipt in receipts if receipt.since}
        commit = Commit(self._store, SourceRules(source), manifest=self._manifest, pool=self._pool)
        self._manifest = commit.run(receipts)
        for job, receipt in receipts:
            entry = self._manifest.files[str(job.file)]
            self._report.add(receipt)
            self._report.conflicts += entry.conflicts - earlier.get(str(job.file), 0) - receipt.file.conflicts
            self._report.reject_files += [str(self._store / name) for name in entry.reject_files]


def _size(job: Job) -> int:
    try:
        return signature(job)[0]
    except SourceError:
        return 0


def open_or_begin(store: Path) -> Manifest:
    """The manifest of the store in folder `store`, whose lock the caller holds; one of nothing where there is none."""
    try:
        return read_manifest(store)
    except StoreMissing:
        manifest = Manifest.new()
        write_manifest(store, manifest)
        return manifest


def sweep(store: Path, manifest: Manifest | None, *, keep: set[str]) -> None:
    """Remove what nothing needs.

    With a `manifest` (at the start): files that it does not name, and half-written ones. Files that this ingest
    replaces stay until the next one, for servers that still read the earlier manifest. In ``staging``, the folders in
    `keep` stay: a killed ingest goes on from there.
    """
    with disk_errors(store):
        for folder in (store / "staging").glob("*"):
            if folder.name not in keep:
                shutil.rmtree(folder)
        if manifest is None:
            return
        needed = manifest.referenced()
        for name in ("devices", "rejects"):
            for path in (store / name).rglob("*"):
                if path.is_file() and str(path.relative_to(store)) not in needed:
                    path.unlink()
        for path in store.glob(".manifest.*.tmp"):
            path.unlink()
