"""Compaction: live input into the files, files of an earlier version anew, and away with what nothing needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bessline.errors import StoreLocked
from bessline.progress import Tell
from bessline.store.archive import Store
from bessline.store.inlet import Inlet
from bessline.store.intake import sweep
from bessline.store.journal import FOLDER
from bessline.store.lock import writing
from bessline.store.manifest import Manifest
from bessline.store.manifest_file import read_manifest
from bessline.store.rewrite import rewrite


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
    before = _sizes(store)
    sealed = _seal(store) if (store / FOLDER).is_dir() else 0
    rows = _rows(read_manifest(store))
    rewritten = rewrite(store, keeping or {}, tell or (lambda *_: None))
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
