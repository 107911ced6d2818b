"""Verification: every file of a store read to its last byte, and what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bessline.errors import StoreDamaged, StoreMissing
from bessline.progress import Tell
from bessline.store import rejects
from bessline.store.columns import ColumnFile
from bessline.store.journal import FOLDER, scan, segments
from bessline.store.manifest import Manifest, SignalEntry, TopicEntry
from bessline.store.manifest_file import COPY, MANIFEST, read_manifest
from bessline.store.pyramid_file import PyramidFile
from bessline.store.row_group_cache import RowGroupCache

Kind = Literal["rows", "pyramid", "timeline", "rejects", "journal", "manifest", "analytics"]


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not as it was written.

    Parameters
    ----------
    file: relative to the store.
    of: the signal (``topic.field``) or topic whose file it is.
    """

    file: str
    kind: Kind
    reason: str
    device_id: str = ""
    of: str = ""


@dataclass(slots=True)
class Verdict:
    """What a verification found. `unsigned` files are whole by their page checksums, and of an earlier version."""

    files: int = 0
    unsigned: int = 0
    damages: list[Damage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """A file that a manifest names, with the entry that says what it holds."""

    file: str
    kind: Kind
    device_id: str = ""
    of: str = ""
    entry: SignalEntry | TopicEntry | None = None


def verify(store: Path, *, tell: Tell | None = None) -> Verdict:
    """Read every file of the store in folder `store`, a row group at a time. A server and an ingest may be at work.

    A manifest that is damaged, or of which the copy alone is there, is a finding, and then the only one.

    Raises
    ------
    StoreMissing
        there is no store.
    """
    verdict, seen = Verdict(), set[str]()
    tell = tell or (lambda *_: None)
    while True:
        try:
            manifest = read_manifest(store)
        except StoreDamaged as error:
            return Verdict(1, damages=[Damage(MANIFEST, "manifest", error.reason)])
        fresh = [part for part in _parts(manifest) if part.file not in seen]
        if not fresh:
            break
        for number, part in enumerate(fresh, 1):
            _look(store, part, verdict)
            seen.add(part.file)
            tell(part.file, number, len(fresh))
    # what an ingest replaced meanwhile may be gone, and nobody needs it
    needed = manifest.referenced()
    verdict.damages = [damage for damage in verdict.damages if damage.file in needed]
    _look_at_journal(store, verdict)
    verdict.files += 1
    _look_at_copy(store, manifest, verdict)
    return verdict


def _parts(manifest: Manifest) -> Iterator[_Part]:
    for device_id, device in manifest.devices.items():
        for name, signal in device.signals.items():
            yield _Part(signal.file, "rows", device_id, name, signal)
            if signal.pyramid is not None:
                yield _Part(signal.pyramid, "pyramid", device_id, name, signal)
        for topic, entry in device.topics.items():
            yield _Part(entry.timeline, "timeline", device_id, topic, entry)
    for file in manifest.files.values():
        yield from (_Part(name, "rejects") for name in file.reject_files)


def _look(store: Path, part: _Part, verdict: Verdict) -> None:
    verdict.files += 1
    try:
        if part.kind == "rejects":
            verdict.unsigned += not rejects.check(store / part.file)
            return
        kind = PyramidFile if part.kind == "pyramid" else ColumnFile
        file = kind(store / part.file, RowGroupCache(max_bytes=1))
        file.verify()
        if isinstance(file, ColumnFile) and part.entry is not None:
            _compare(file, part.entry)
        verdict.unsigned += not file.is_signed
    except FileNotFoundError:
        verdict.damages.append(Damage(part.file, part.kind, "is missing"))
    except StoreDamaged as error:
        verdict.damages.append(Damage(part.file, part.kind, error.reason, part.device_id, part.of))


def _compare(file: ColumnFile, entry: SignalEntry | TopicEntry) -> None:
    found = (file.rows, int(file.first_ms[0]), int(file.last_ms[-1])) if file.rows else (0, None, None)
    if file.rows != entry.rows or (file.rows and found[1:] != (entry.start_ms, entry.end_ms)):
        raise StoreDamaged(f"holds {file.rows:,} rows, and the manifest names {entry.rows:,}", path=file.path)


def _look_at_copy(store: Path, manifest: Manifest, verdict: Verdict) -> None:
    try:
        # a swap removes the copy first: one that is older than what was read before stays so
        if read_manifest(store, name=COPY).generation < manifest.generation:
            verdict.damages.append(Damage(COPY, "manifest", "is of an earlier swap of the manifest"))
    except StoreMissing:  # an earlier version made none, and between two swaps there is none
        pass
    except StoreDamaged as error:
        verdict.damages.append(Damage(COPY, "manifest", error.reason))


def _look_at_journal(store: Path, verdict: Verdict) -> None:
    found = segments(store / FOLDER)
    for path in found:
        try:
            scanned = scan(path.read_bytes())
        except FileNotFoundError:  # sealed meanwhile
            continue
        verdict.files += 1
        name = str(path.relative_to(store))
        if scanned.damaged_bytes:
            reason = f"{scanned.damaged_bytes:,} bytes do not match their checksum; the records around them hold"
            verdict.damages.append(Damage(name, "journal", reason))
        if scanned.torn_bytes:
            verdict.notes.append(f"{name}: {scanned.torn_bytes:,} bytes at its end are no whole record (unfinished)")
    for path in sorted((store / FOLDER).glob("*.damaged")):
        verdict.notes.append(f"{path.relative_to(store)}: put aside earlier, for it did not match its checksum")
