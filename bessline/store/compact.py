"""Compaction: live input into the files, files of an earlier version anew, and away with what nothing needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bessline.errors import StoreLocked
from bessline.progress import Tell
from bessline.sources.base import SignalId
from bessline.store.archive import Store
from bessline.store.columns import ColumnFile, RowGroupCache
from bessline.store.commit import Commit
from bessline.store.inlet import Inlet
from bessline.store.intake import sweep
from bessline.store.journal import FOLDER
from bessline.store.lock import writing
from bessline.store.manifest import DeviceEntry, Manifest, SignalEntry, read_manifest
from bessline.store.pyramid_file import PyramidFile
from bessline.store.retention import Kept, cuts, merge_kept
from bessline.store.rules import LiveRules
from bessline.store.workers import InlineExecutor


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did. `freed` bytes may be negative: live input takes room in the files before it saves any.

    `dropped` values were older than what is to be kept.
    """

    sealed: int
    rewritten: int
    removed: int
    freed: int
    dropped: int = 0


def compact(store: Path, *, keeping: Mapping[str, int] | None = None, tell: Tell | None = None) -> Compacted:
    """Bring the store in folder `store` into its smallest form of this version. Doing it again changes nothing.

    `keeping` says how long (ms) rows and levels are kept (see `bessline.store.retention`); for ever what it lacks.

    Killed at any moment the store is whole. What only servers need that still read the earlier manifest goes as well;
    they look again.

    Raises
    ------
    StoreLocked
        an ingest is at work, or a server takes live input.
    StoreDamaged
        a file cannot be read; `verify --repair` is for that.
    StoreError
        the store cannot be written.
    """
    manifest = read_manifest(store)
    before = _sizes(store)
    sealed = _seal(store) if (store / FOLDER).is_dir() else 0
    rows = _rows(read_manifest(store))
    rewritten = _rewrite(store, keeping or {}, tell or (lambda *_: None))
    with writing(store):
        manifest = read_manifest(store)
        sweep(store, manifest, keep=set())
    after = _sizes(store)
    freed = sum(before.values()) - sum(after.values())
    dropped = rows - _rows(manifest)
    return Compacted(sealed, rewritten, len(before.keys() - after.keys()), freed, dropped)


def _rows(manifest: Manifest) -> int:
    return sum(signal.rows for device in manifest.devices.values() for signal in device.signals.values())


def _sizes(store: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in store.rglob("*") if path.is_file()}


def _seal(store: Path) -> int:
    """Move live input into the files; returns how many values."""
    inlet = Inlet(Store.open(store))
    try:
        inlet.recover()
        if not inlet.is_open:
            raise StoreLocked("a server takes its live input, and compacts it by itself; end it first", path=store)
        views = inlet.store.state.tails.values()
        values = sum(len(column.t_ms) for view in views for column in view.columns.values())
        inlet.seal(workers=0)
        return values
    finally:
        inlet.close()


def _rewrite(store: Path, keeping: Mapping[str, int], tell: Tell) -> int:
    """Write what is of an earlier version or too old anew, a device at a time; returns how many devices."""
    done = 0
    with writing(store):
        manifest = read_manifest(store)
        for number, device_id in enumerate(manifest.devices, 1):
            device = manifest.devices[device_id]
            kept = _kept(device, keeping)
            if not _is_of_today(store, device) or any(kept[name] != device.signals[name].kept_from for name in kept):
                commit = Commit(store, LiveRules(manifest.devices), manifest=manifest, pool=InlineExecutor())
                anew = _anew(store, device_id, device, kept, commit.target)
                anew = commit.with_topics(device_id, anew)
                manifest = commit.swap({**manifest.devices, device_id: anew}, manifest.files)
                done += 1
            tell(device_id, number, len(manifest.devices))
    return done


def _is_of_today(store: Path, device: DeviceEntry) -> bool:
    cache = RowGroupCache(max_bytes=1)
    columns = [entry.file for entry in device.signals.values()]
    columns += [topic.timeline for topic in device.topics.values()]
    pyramids = [entry.pyramid for entry in device.signals.values()]
    return (
        all(ColumnFile(store / name, cache).is_signed for name in columns)
        and None not in pyramids
        and all(PyramidFile(store / name, cache).is_signed for name in pyramids if name is not None)
    )


def _kept(device: DeviceEntry, keeping: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """From when on which kind of each signal is to be kept."""
    newest_ms = max((entry.end_ms for entry in device.signals.values()), default=0)
    return {name: cuts(entry, keeping, newest_ms=newest_ms) for name, entry in device.signals.items()}


def _anew(
    store: Path,
    device_id: str,
    device: DeviceEntry,
    kept: Mapping[str, Mapping[str, int]],
    target: Callable[[str, str], Path],
) -> DeviceEntry:
    signals: dict[str, SignalEntry] = {}
    for name, known in device.signals.items():
        signal = SignalId(device_id, *name.split(".", 1))
        path = target(device_id, f"{signal.topic}-{signal.field}")
        pyramid = None if known.pyramid is None else store / known.pyramid
        went = Kept(kept[name], pyramid) if kept[name] else None
        entry, _, _ = merge_kept(signal, [store / known.file], path, superseded=lambda _t, _v: None, kept=went)
        names = {each: str(Path(getattr(entry, each)).relative_to(store)) for each in ("file", "pyramid")}
        signals[name] = entry.model_copy(update={**names, "hold_s": known.hold_s})
    return device.model_copy(update={"signals": signals})
