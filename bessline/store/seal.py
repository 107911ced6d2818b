"""Sealing: rows that live input left in the journal move into the files, as one swap of the manifest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

from bessline.sources.base import Job, Part, SignalId
from bessline.store.commit import Commit
from bessline.store.intake import sweep
from bessline.store.lock import disk_errors, writing
from bessline.store.manifest import FileEntry, Manifest, SignalEntry
from bessline.store.manifest_file import read_manifest
from bessline.store.receipt import Receipt
from bessline.store.rules import LiveRules
from bessline.store.runs import RunWriter
from bessline.store.state import State

#: How the manifest calls what came in alive, among the files that it names.
LIVE_INPUT = "live input"
_FOLDER = "live-input"


class LiveInput(Job):
    """Stands for the rows of the journal among the jobs of a commit."""

    file = Path(LIVE_INPUT)
    signals = ()

    def read(self) -> Iterator[Part]:
        """Nothing: the rows are staged already."""
        return iter(())

    @property
    def reading(self) -> str:
        """Live input is read as it came."""
        return LIVE_INPUT


def seal(path: Path, state: State, *, pool: Executor) -> Manifest:
    """Move the rows that `state` holds in memory into the files of the store at `path`.

    Killed at any moment, each row is in the journal or in the files, and reads once: the manifest names the last record
    whose rows the files hold.

    Raises
    ------
    StoreLocked
        an ingest is at work: try again later.
    StoreError
        the store cannot be written.
    """
    with writing(path):
        manifest = read_manifest(path)
        kept = {folder.name for folder in (path / "staging").glob("*")} - {_FOLDER}
        sweep(path, manifest, keep=kept)
        staging = path / "staging" / _FOLDER
        staging.mkdir(parents=True, exist_ok=True)
        with disk_errors(path):
            receipt = _stage(state, staging, earlier=manifest.files.get(LIVE_INPUT))
            commit = Commit(path, LiveRules(state.devices), manifest=manifest, pool=pool, sealed=state.last)
            manifest = commit.run([(LiveInput(), receipt)])
            shutil.rmtree(staging)
        return manifest


def _stage(state: State, folder: Path, *, earlier: FileEntry | None) -> Receipt:
    runs: dict[str, SignalEntry] = {}
    rows = 0
    for device_id, view in state.tails.items():
        for name, column in view.columns.items():
            signal = SignalId(device_id, *name.split(".", 1))
            stem = f"{device_id}-{name}"
            writer = RunWriter(signal, folder, stem=stem, superseded=lambda _t, _v: None)
            writer.append(column.t_ms, column.value)
            runs[str(signal)] = writer.close()
            rows += len(column.t_ms)
    known = earlier.signals if earlier else ()
    file = FileEntry(
        size=0,
        mtime_ns=0,
        reading=LIVE_INPUT,
        signals=tuple(dict.fromkeys((*known, *runs))),
        rows=rows + (earlier.rows if earlier else 0),
        duplicates=0,
        conflicts=0,
        rejected=0,
        reject_files=(),
    )
    return Receipt(runs=runs, file=file)
