"""Repair: damaged files go to quarantine, and what they held is made again from what is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bessline.errors import SourceError, StoreDamaged, StoreMissing
from bessline.sources import open_source
from bessline.sources.base import SignalId, Source
from bessline.store.columns import ColumnFile, ColumnWriter
from bessline.store.commit import SUPERSEDED, Commit
from bessline.store.durable import write_atomically
from bessline.store.journal import FOLDER, pack, scan
from bessline.store.lock import disk_errors, hold, writing
from bessline.store.manifest import DeviceEntry, FileEntry, Manifest, SignalEntry
from bessline.store.manifest_file import COPY, MANIFEST, read_manifest
from bessline.store.receipt import Receipt
from bessline.store.retention import kept_of
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.rules import LiveRules
from bessline.store.staging import stage
from bessline.store.verify import Damage
from bessline.store.workers import InlineExecutor

QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of a damaged file: `is_whole` if nothing that it held is missing now."""

    damage: Damage
    is_whole: bool
    outcome: str


def repair(store: Path, damages: Sequence[Damage]) -> list[Repaired]:
    """Make anew what `damages` took from the store in folder `store`, as one swap of the manifest.

    Timelines and pyramids come from the rows; rows from what is whole of their file, and from their source where it
    still is. Killed at any moment the store is as it was, or repaired; a damaged file is kept before it is let go.

    Raises
    ------
    StoreLocked
        an ingest is at work.
    StoreError
        the store cannot be written.
    StoreDamaged
        there is no manifest, and no copy of it.
    """
    with writing(store):
        mended = [_manifest(store, damage) for damage in damages if damage.kind == "manifest"]
        manifest = read_manifest(store)
        needed = manifest.referenced()
        files = [damage for damage in damages if damage.file in needed]
        for damage in files:
            _to_quarantine(store, damage.file)
        done = _Repair(store, manifest).run(files) if files else []
        for damage in files:
            (store / damage.file).unlink(missing_ok=True)
    return mended + done + [_journal(store, damage) for damage in damages if damage.kind == "journal"]


def _manifest(store: Path, damage: Damage) -> Repaired:
    """The manifest as its copy has it, or the other way round."""
    twin = MANIFEST if damage.file == COPY else COPY
    try:
        read_manifest(store, name=twin)
    except (StoreDamaged, StoreMissing):
        text = "without its manifest and the copy of it nothing can be mended; take the exports in again"
        raise StoreDamaged(text, path=store) from None
    _to_quarantine(store, damage.file)
    write_atomically(store / damage.file, (store / twin).read_bytes())
    return Repaired(damage, is_whole=True, outcome=f"made again from {twin}")


def _to_quarantine(store: Path, name: str) -> None:
    """Keep what there is of a file under another name, too."""
    source, kept = store / name, store / QUARANTINE / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not source.exists() or kept.exists():
        return
    try:
        os.link(source, kept)
    except OSError:  # not every file system has links
        shutil.copy2(source, kept)


class _Repair:
    def __init__(self, store: Path, manifest: Manifest) -> None:
        self._store, self._manifest = store, manifest
        self._commit = Commit(store, LiveRules(manifest.devices), manifest=manifest, pool=InlineExecutor())
        self._staging = store / "staging" / "repair"
        self._sources: dict[tuple[tuple[str, str], ...], Source] = {}
        self._files = dict(manifest.files)
        self._damaged: set[str] = set()

    def run(self, damages: Sequence[Damage]) -> list[Repaired]:
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir(parents=True)
        devices, done = dict(self._manifest.devices), list[Repaired]()
        self._damaged = {damage.file for damage in damages}
        rows = {(damage.device_id, damage.of) for damage in damages if damage.kind == "rows"}
        for damage in damages:
            if damage.kind == "rejects":
                done.append(self._rejects(damage))
            elif damage.kind == "timeline":
                done.append(Repaired(damage, is_whole=True, outcome="made again from the signals"))
            elif damage.kind == "rows" or (damage.device_id, damage.of) not in rows:
                done.append(self._signal(damage, devices))
            else:
                done.append(Repaired(damage, is_whole=True, outcome="made again as far as its rows were"))
        for device_id in {damage.device_id for damage in damages if damage.device_id}:
            devices[device_id] = self._commit.with_topics(device_id, devices[device_id])
            if not devices[device_id].signals:
                del devices[device_id]
        self._commit.swap(devices, self._files)
        shutil.rmtree(self._staging)
        return done

    def _signal(self, damage: Damage, devices: dict[str, DeviceEntry]) -> Repaired:
        """A signal anew: with its pyramid from its rows, or, where these are damaged, with all rows that can be had."""
        device, signal = devices[damage.device_id], SignalId(damage.device_id, *damage.of.split(".", 1))
        known = device.signals[damage.of]
        lost: list[str] = []
        runs = [self._store / known.file] if damage.kind == "pyramid" else list(self._runs(signal, known, lost))
        signals = {name: entry for name, entry in device.signals.items() if name != damage.of}
        entry = self._merged(signal, known, runs) if runs else None
        if entry is not None:
            signals[damage.of] = entry
        devices[damage.device_id] = replace(device, signals=signals)
        return _told(damage, known, entry, lost)

    def _merged(self, signal: SignalId, known: SignalEntry, runs: Sequence[Path]) -> SignalEntry | None:
        kept = kept_of(self._store, known, is_whole=known.pyramid not in self._damaged)
        entry = self._commit.merged(signal, runs, kept)
        return entry if entry.rows else None

    def _runs(self, signal: SignalId, known: SignalEntry, lost: list[str]) -> Iterator[Path]:
        """Sorted files with rows of the signal, the most trusted last; `lost` gets what cannot be read again."""
        for name, file in self._manifest.files.items():
            if str(signal) not in file.signals:
                continue
            try:
                run = self._read_again(name, file).runs.get(str(signal))
            except SourceError as error:
                lost.append(str(error))
                if file.opened:
                    self._files.pop(name, None)  # where it comes back, it is taken in again
                continue
            if run is not None:
                yield Path(run.file)
        if (
            whole := _salvaged(self._store / known.file, self._staging / f"{signal.device_id}-{signal.field}")
        ) is not None:
            yield whole

    def _read_again(self, name: str, file: FileEntry) -> Receipt:
        if not file.opened:
            raise SourceError("it is not known how to read this again", path=Path(name))
        key = tuple(sorted(file.opened.items()))
        if key not in self._sources:
            told = file.opened
            describe = Path(told["describe"]) if "describe" in told else None
            self._sources[key] = open_source(
                Path(told["path"]), timezone=told.get("timezone"), describe=describe, prefix=told.get("prefix", "")
            )
        for job in self._sources[key].jobs:
            if str(job.file) == name and job.reading == file.reading:
                return stage(job, self._staging)
        raise SourceError("is there no more, or is read differently now", path=Path(name))

    def _rejects(self, damage: Damage) -> Repaired:
        """The rows that were lost of a file, by reading it again, where it still is as it was."""
        name = next(name for name, file in self._manifest.files.items() if damage.file in file.reject_files)
        file = self._files.get(name)
        if file is None:
            return Repaired(damage, is_whole=False, outcome=f"lost: {name} could not be read again")
        if damage.file not in file.reject_files:
            return Repaired(damage, is_whole=True, outcome="made again with the others of its file")
        try:
            if SUPERSEDED in damage.file:
                raise SourceError("they stood in the files of the store", path=Path(name))
            again = self._read_again(name, file).file
            if not again.same_bytes(file.size, file.mtime_ns):
                raise SourceError("has changed since", path=Path(name))
        except SourceError as error:
            kept = tuple(each for each in file.reject_files if each != damage.file)
            self._files[name] = replace(file, reject_files=kept)
            outcome = f"lost: which rows were rejected is known no more ({error})"
            return Repaired(damage, is_whole=False, outcome=outcome)
        made = [self._commit.publish_rejects(Path(staged)) for staged in again.reject_files]
        made += [each for each in file.reject_files if SUPERSEDED in each]
        self._files[name] = replace(file, reject_files=tuple(made))
        return Repaired(damage, is_whole=True, outcome=f"made again from {name}")


def _salvaged(path: Path, stem: Path) -> Path | None:
    """The rows of the row groups of a damaged file that match their checksums, in a file of their own."""
    try:
        damaged = ColumnFile(path, RowGroupCache(max_bytes=1))
    except StoreDamaged:
        return None
    writer = ColumnWriter(stem.with_name(f"{stem.name}-salvaged.parquet"))
    for index in range(len(damaged.first_ms)):
        try:
            writer.append(*damaged.group(index))
        except StoreDamaged:
            continue
    writer.close()
    return writer.path if writer.rows else None


def _told(damage: Damage, known: SignalEntry, entry: SignalEntry | None, lost: Sequence[str]) -> Repaired:
    why = "; ".join(lost[:3])
    if entry is None:
        return Repaired(damage, is_whole=False, outcome=f"lost, {known.rows:,} rows: {why or 'no source is known'}")
    if entry.rows < known.rows:
        outcome = f"made again with {entry.rows:,} of its {known.rows:,} rows; the rest is lost: {why}"
        return Repaired(damage, is_whole=False, outcome=outcome)
    if entry.first_ms > known.first_ms:
        outcome = f"made again, {entry.rows:,} rows; the buckets of rows that were dropped before are lost"
        return Repaired(damage, is_whole=False, outcome=outcome)
    return Repaired(damage, is_whole=True, outcome=f"made again, {entry.rows:,} rows")


def _journal(store: Path, damage: Damage) -> Repaired:
    """A segment with its good records alone."""
    with disk_errors(store):
        handle = hold(store / FOLDER / ".lock")
        if handle is None:
            told = "left as it is: a server writes this journal; its good records move into the files by themselves"
            return Repaired(damage, is_whole=False, outcome=told)
        try:
            path = store / damage.file
            _to_quarantine(store, damage.file)
            records = scan(path.read_bytes()).records
            write_atomically(path, b"".join(pack(number, body) for number, body in records))
        finally:
            os.close(handle)
    return Repaired(damage, is_whole=False, outcome=f"kept with its {len(records):,} good records; the rest is lost")
