"""Committing staged files: rows join what the store has, timelines are written, and the manifest is swapped."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path

from bessline.sources.base import Job, SignalId
from bessline.store.durable import Forcing
from bessline.store.manifest import DeviceEntry, FileEntry, Manifest, SignalEntry
from bessline.store.manifest_file import write_manifest
from bessline.store.merge import Merge, run_merge
from bessline.store.receipt import Receipt
from bessline.store.rejects import named
from bessline.store.retention import Kept, kept_of, merge_kept
from bessline.store.rules import Rules
from bessline.store.runs import fold_file, pyramid_path
from bessline.store.topics import Topics

#: How files of rows begin that lost against those of another file.
SUPERSEDED = "superseded-"


class Commit:
    """Brings the receipts of one group of jobs into the store at `path`, as one swap of the manifest.

    `sealed` is given for live input: the number of the last record of the journal that is among the receipts.
    """

    def __init__(
        self, path: Path, rules: Rules, *, manifest: Manifest, pool: Executor, sealed: int | None = None
    ) -> None:
        self._path, self._rules, self._pool = path, rules, pool
        self._before, self._sealed = manifest, sealed
        self._generation = manifest.generation + 1

    def run(self, receipts: Sequence[tuple[Job, Receipt]]) -> Manifest:
        """Do it, and return the manifest that is now in force."""
        devices = dict(self._before.devices)
        replaced: dict[Path, Counter[str]] = {}
        lost = self._settle(receipts, devices, replaced)
        for device_id in sorted({signal.device_id for signal in _signals(receipts)}):
            devices[device_id] = self.with_topics(device_id, self._with_pyramids(device_id, devices[device_id]))
        files = dict(self._before.files)
        for job, receipt in receipts:
            kept = [self.publish_rejects(Path(name)) for name in receipt.file.reject_files]
            kept += [self._relative(named(path)) for path in lost.get(job.file, []) if path.exists()]
            met = replaced.get(job.file, Counter[str]())
            conflicts = receipt.file.conflicts + met["conflicts"]
            entry = replace(receipt.file, reject_files=tuple(kept), conflicts=conflicts)
            earlier = files.get(str(job.file))
            if earlier and receipt.since:
                # of a file that is read again whole every row comes again
                repeated = entry.duplicates + met["duplicates"]
                entry = earlier.grown(replace(entry, duplicates=repeated))
            elif earlier:
                # what was replaced before stays; what was rejected is said anew by reading the file again
                again = self._sealed is None
                kept = [*(name for name in earlier.reject_files if not again or SUPERSEDED in name), *kept]
                entry = replace(entry, reject_files=tuple(kept))
            files[str(job.file)] = entry
        return self.swap(devices, files)

    def swap(self, devices: Mapping[str, DeviceEntry], files: Mapping[str, FileEntry]) -> Manifest:
        """Let these be in force; returns the manifest that says so."""
        sealed = self._before.sealed if self._sealed is None else self._sealed
        manifest = replace(
            self._before, generation=self._generation, sealed=sealed, devices=dict(devices), files=dict(files)
        )
        self._force(manifest)
        write_manifest(self._path, manifest)
        return manifest

    def _force(self, manifest: Manifest) -> None:
        """Let everything that only the new manifest names be on disk before it is."""
        fresh = [self._path / name for name in manifest.referenced() - self._before.referenced()]
        with Forcing() as forcing:
            forcing.begin([*fresh, *{path.parent for path in fresh}])
            folders = [self._path / "devices", self._path]
            forcing.begin([folder for folder in folders if folder.is_dir()])
            forcing.finish()

    def _settle(
        self,
        receipts: Sequence[tuple[Job, Receipt]],
        devices: dict[str, DeviceEntry],
        replaced: dict[Path, Counter[str]],
    ) -> dict[Path, list[Path]]:
        """Give every signal its one file: a lone run is moved in, several are merged by the workers.

        Returns the files of rows that lost; `replaced` counts them, and those that came again. Both by the file whose
        rows won.
        """
        runs: dict[SignalId, list[tuple[Path, SignalEntry]]] = {}
        for job, receipt in receipts:
            for name, entry in receipt.runs.items():
                runs.setdefault(parse_signal(name), []).append((job.file, entry))
        merges: dict[SignalId, Future[tuple[SignalEntry, int, int]]] = {}
        settled: dict[SignalId, SignalEntry] = {}
        lost: dict[Path, list[Path]] = {}
        for signal, found in runs.items():
            target = self.target(signal.device_id, f"{signal.topic}-{signal.field}")
            if len(found) == 1 and self._known(signal) is None:
                settled[signal] = self._named(signal, _moved(found[0][1], target))
                continue
            merge = self._merge(signal, found, target)
            merges[signal] = self._pool.submit(run_merge, merge)
            lost.setdefault(merge.source, []).append(merge.rejects)
        for signal, future in merges.items():
            entry, duplicates, conflicts = future.result()
            met = replaced.setdefault(runs[signal][-1][0], Counter())
            met.update(duplicates=duplicates, conflicts=conflicts)
            settled[signal] = self._named(signal, entry)
        self._take_in(settled, devices)
        return lost

    def _merge(self, signal: SignalId, found: Sequence[tuple[Path, SignalEntry]], target: Path) -> Merge:
        """Of what is stored of the signal and of its runs, given with the files that they are from."""
        known = self._known(signal)
        earlier = [] if known is None else [self._path / known.file]
        paths = (*earlier, *(Path(entry.file) for _, entry in found))
        rejects = self._rejects / f"{SUPERSEDED}{target.stem}.csv"
        behind = None if known is None or len(found) > 1 else (self._whole_paths(known), found[0][1])
        return Merge(signal, found[-1][0], paths, target, rejects, kept_of(self._path, known), behind)

    def merged(self, signal: SignalId, runs: Sequence[Path], kept: Kept | None) -> SignalEntry:
        """The one file that the rows of `runs` of a stored signal come to, later ones winning; without rows, maybe."""
        target = self.target(signal.device_id, f"{signal.topic}-{signal.field}")
        entry, _, _ = merge_kept(signal, runs, target, superseded=lambda _t, _v: None, kept=kept)
        return self._named(signal, entry)

    def _take_in(self, settled: Mapping[SignalId, SignalEntry], devices: dict[str, DeviceEntry]) -> None:
        for signal in sorted(settled):
            device = devices.get(signal.device_id) or DeviceEntry(timezone=None)
            signals = {**device.signals, f"{signal.topic}.{signal.field}": settled[signal]}
            zone = self._rules.timezone(signal.device_id) or device.timezone
            live = device.live or self._sealed is not None
            devices[signal.device_id] = replace(device, signals=signals, timezone=zone, live=live)

    def _known(self, signal: SignalId) -> SignalEntry | None:
        device = self._before.devices.get(signal.device_id)
        return device.signals.get(f"{signal.topic}.{signal.field}") if device else None

    def _whole_paths(self, entry: SignalEntry) -> SignalEntry:
        pyramid = None if entry.pyramid is None else str(self._path / entry.pyramid)
        return replace(entry, file=str(self._path / entry.file), pyramid=pyramid)

    def _named(self, signal: SignalId, entry: SignalEntry) -> SignalEntry:
        hold_s = self._rules.hold_s(signal, self._known(signal))
        pyramid = None if entry.pyramid is None else str(Path(entry.pyramid).relative_to(self._path))
        file = str(Path(entry.file).relative_to(self._path))
        return replace(entry, file=file, pyramid=pyramid, hold_s=hold_s)

    def target(self, device_id: str, name: str) -> Path:
        """Where a new file of a device goes: a name that no other file had."""
        folder = self._path / "devices" / device_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}-{self._generation:x}{secrets.token_hex(3)}.parquet"

    @property
    def _rejects(self) -> Path:
        folder = self._path / "rejects"
        folder.mkdir(exist_ok=True)
        return folder

    def publish_rejects(self, staged: Path) -> str:
        """Move the rejects of a staged job, in the folder of its name, into the store; returns where they are."""
        target = self._rejects / f"{staged.parent.name}-{self._generation:x}.csv"
        staged.replace(target)
        return self._relative(named(target))

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self._path))

    def _with_pyramids(self, device_id: str, device: DeviceEntry) -> DeviceEntry:
        """The device with the pyramids that an earlier version did not make."""
        folded = {
            name: self._pool.submit(fold_file, parse_signal(f"{device_id}/{name}"), self._path / entry.file)
            for name, entry in device.signals.items()
            if entry.pyramid is None
        }
        made = {name: str(future.result().relative_to(self._path)) for name, future in folded.items()}
        signals = {
            name: replace(entry, pyramid=made[name]) if name in made else entry
            for name, entry in device.signals.items()
        }
        return replace(device, signals=signals)

    def with_topics(self, device_id: str, device: DeviceEntry) -> DeviceEntry:
        """The device with new timelines of its topics, and of ``bess``."""
        topics = Topics(self._path, self._rules, pool=self._pool, target=self.target).of(device_id, device)
        return replace(device, topics=topics)


def parse_signal(name: str) -> SignalId:
    """The inverse of ``str(SignalId)``.

    >>> parse_signal("bess1/bms.soc")
    SignalId(device_id='bess1', topic='bms', field='soc')
    """
    device_id, _, rest = name.partition("/")
    topic, _, field = rest.partition(".")
    return SignalId(device_id, topic, field)


def _moved(run: SignalEntry, target: Path) -> SignalEntry:
    """A lone run with its pyramid as the files of its signal."""
    Path(run.file).replace(target)
    if run.pyramid is None:
        return replace(run, file=str(target))
    return replace(run, file=str(target), pyramid=str(Path(run.pyramid).replace(pyramid_path(target))))


def _signals(receipts: Sequence[tuple[Job, Receipt]]) -> set[SignalId]:
    return {parse_signal(name) for _, receipt in receipts for name in receipt.runs}
