"""Devices written anew: from files of an earlier version, and without what is older than what is to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bessline.progress import Tell
from bessline.sources.base import SignalId
from bessline.store.columns import ColumnFile
from bessline.store.commit import Commit
from bessline.store.lock import writing
from bessline.store.manifest import DeviceEntry, Manifest, SignalEntry
from bessline.store.manifest_file import read_manifest
from bessline.store.pyramid_file import PyramidFile
from bessline.store.retention import Kept, cuts
from bessline.store.row_group_cache import RowGroupCache
from bessline.store.rules import LiveRules
from bessline.store.workers import InlineExecutor

#: A server lets rows and buckets grow older by this share of their age before it writes files anew for them.
SLACK = 0.05


def rewrite(store: Path, keeping: Mapping[str, int], tell: Tell) -> int:
    """Write what is of an earlier version or too old anew, a device at a time; returns how many devices."""
    done = 0
    with writing(store):
        manifest = read_manifest(store)
        for number, (device_id, device) in enumerate(manifest.devices.items(), 1):
            kept = _kept(device, keeping)
            if not (_is_of_today(store, device) and _is_kept(device, kept)):
                manifest = _written(store, manifest, device_id, kept)
                done += 1
            tell(device_id, number, len(manifest.devices))
    return done


def drop_old(store: Path, keeping: Mapping[str, int]) -> int:
    """Drop what is too old by some slack, beside a server: others may write between two devices.

    Returns how many devices were written anew. Takes its time: for a worker process.

    Raises
    ------
    StoreLocked
        an ingest is at work: try again later.
    StoreError
        the store cannot be written or read.
    """
    done = 0
    for device_id in read_manifest(store).devices:
        with writing(store):
            manifest = read_manifest(store)
            kept = _kept(manifest.devices[device_id], keeping, slack=SLACK)
            if not _is_kept(manifest.devices[device_id], kept):
                _written(store, manifest, device_id, kept)
                done += 1
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


def _kept(device: DeviceEntry, keeping: Mapping[str, int], *, slack: float = 0.0) -> dict[str, dict[str, int]]:
    """From when on which kind of each signal is to be kept."""
    newest_ms = max((entry.end_ms for entry in device.signals.values()), default=0)
    signals = device.signals.items()
    return {name: cuts(entry, keeping, newest_ms=newest_ms, slack=slack) for name, entry in signals}


def _is_kept(device: DeviceEntry, kept: Mapping[str, Mapping[str, int]]) -> bool:
    return all(kept[name] == entry.kept_from for name, entry in device.signals.items())


def _written(store: Path, manifest: Manifest, device_id: str, kept: Mapping[str, Mapping[str, int]]) -> Manifest:
    """The manifest that is in force once a device was written anew."""
    commit = Commit(store, LiveRules(manifest.devices), manifest=manifest, pool=InlineExecutor())
    device = manifest.devices[device_id]
    signals: dict[str, SignalEntry] = {}
    for name, known in device.signals.items():
        pyramid = None if known.pyramid is None else store / known.pyramid
        went = Kept(kept[name], pyramid) if kept[name] else None
        signals[name] = commit.merged(SignalId(device_id, *name.split(".", 1)), [store / known.file], went)
    anew = replace(device, signals=signals)
    devices = {**manifest.devices, device_id: commit.with_topics(device_id, anew)}
    return commit.swap(devices, manifest.files)
