"""A store opened for reading. Threads share it; an ingest may replace files under it."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path

from bessline.errors import NotKnown, StoreDamaged
from bessline.signals import BESS_TOPICS, fields_of
from bessline.store.columns import ColumnFile, RowGroupCache
from bessline.store.manifest import MANIFEST, DeviceEntry, Manifest, SignalEntry, read_manifest
from bessline.store.readings import Feed, ReadingsFile

_OPEN_FILES = 4096


class Store:
    """The store in folder `path`.

    `manifest` is replaced as a whole by `refresh`; whoever takes it once sees one consistent state.

    Raises
    ------
    StoreMissing, StoreDamaged
        at opening.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._cache = RowGroupCache()
        self._files: OrderedDict[str, ColumnFile] = OrderedDict()
        self._lock = threading.Lock()
        self._seen = _identity(path / MANIFEST)
        self.manifest: Manifest = read_manifest(path)

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open the store in folder `path`."""
        return cls(path)

    @property
    def id(self) -> str:
        """What tells this store from any other: 8 hexadecimal digits."""
        return self.manifest.store_id

    @property
    def devices(self) -> dict[str, DeviceEntry]:
        """What the store holds, by device."""
        return self.manifest.devices

    @property
    def writable(self) -> bool:
        """Whether this process may write into the store's folder."""
        return os.access(self.path, os.W_OK) and not os.statvfs(self.path).f_flag & os.ST_RDONLY

    def refresh(self) -> bool:
        """Read the manifest again if it was swapped since; tells whether it was. Costs one `stat` otherwise."""
        seen = _identity(self.path / MANIFEST)
        if seen == self._seen:
            return False
        manifest = read_manifest(self.path)
        self.manifest, self._seen = manifest, seen
        return True

    def column(self, name: str) -> ColumnFile:
        """The open column file `name` (relative to the store).

        Raises
        ------
        StoreDamaged
            it is missing or does not hold together.
        """
        with self._lock:
            if name in self._files:
                self._files.move_to_end(name)
                return self._files[name]
        file = ColumnFile(self.path / name, self._cache)
        with self._lock:
            self._files[name] = file
            while len(self._files) > _OPEN_FILES:
                self._files.popitem(last=False)
        return file

    def readings(self, device_id: str, topic: str) -> ReadingsFile:
        """The readings of `topic` (or ``bess``, whose fields are prefixed) of a device that has it."""
        try:
            return self._readings(self.manifest, device_id, topic)
        except StoreDamaged:
            # an ingest may have removed a file that only the earlier manifest names
            if not self.refresh():
                raise
            return self._readings(self.manifest, device_id, topic)

    def _readings(self, manifest: Manifest, device_id: str, topic: str) -> ReadingsFile:
        device = manifest.devices.get(device_id)
        entry = None if device is None else device.topics.get(topic)
        if device is None or entry is None:
            raise NotKnown(f"{topic} device", device_id, known=manifest.devices)
        feeds = {
            name: None if signal is None else Feed(self.column(signal.file), signal.tolerance_ms(entry.period_s))
            for name, signal in signals_of(device, topic).items()
        }
        return ReadingsFile(device_id, topic, timeline=self.column(entry.timeline), feeds=feeds)


def reading_fields(topic: str) -> tuple[str, ...]:
    """The fields of a reading of `topic` in the order of the contract; those of ``bess`` carry their topic before them.

    >>> reading_fields("env"), reading_fields("bess")[0]
    (('temperature', 'humidity'), 'bms_soc')
    """
    if topic == "bess":
        return tuple(f"{part}_{field}" for part in BESS_TOPICS for field in fields_of(part))
    return fields_of(topic)


def signals_of(device: DeviceEntry, topic: str) -> dict[str, SignalEntry | None]:
    """For each field of a reading of `topic`, in order, the stored signal, or None where the device has none."""
    if topic == "bess":
        return {
            f"{part}_{field}": device.signals.get(f"{part}.{field}")
            for part in BESS_TOPICS
            for field in fields_of(part)
        }
    return {field: device.signals.get(f"{topic}.{field}") for field in fields_of(topic)}


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
