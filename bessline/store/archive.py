"""A store opened for reading. Threads share it; an ingest may replace files under it."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from bessline.errors import NotKnown, StoreDamaged
from bessline.signals import BESS_TOPICS, fields_of, lookup
from bessline.store.batch import Batch
from bessline.store.columns import ColumnFile
from bessline.store.counters import counting_of
from bessline.store.journal import FOLDER as JOURNAL
from bessline.store.journal import JournalReader
from bessline.store.live_pyramid import LivePyramid, Pyramid
from bessline.store.manifest import DeviceEntry, Manifest, SignalEntry
from bessline.store.manifest_file import MANIFEST, read_manifest
from bessline.store.overlay import NO_STAMPS, Column, OverlaidColumn
from bessline.store.pyramid_file import PyramidFile
from bessline.store.readings import Feed, ReadingsFile
from bessline.store.row_group_cache import ROW_BYTES, RowGroupCache
from bessline.store.state import Numbered, State, StateBuilder

_OPEN_FILES, _MADE_TOPICS = 4096, 256
F = TypeVar("F", ColumnFile, PyramidFile)


class Store:
    """The store in folder `path`, with the live input that its journal holds.

    `state` is replaced as a whole: whoever takes it once sees one consistent state.

    Raises
    ------
    StoreMissing, StoreDamaged
        at opening.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._cache = RowGroupCache()
        self._files: OrderedDict[str, ColumnFile] = OrderedDict()
        self._pyramids: OrderedDict[str, PyramidFile] = OrderedDict()
        self._lock, self._changing = threading.Lock(), threading.Lock()
        self._seen = _identity(path / MANIFEST)
        self._owns_journal = False
        self._builder = self._built(read_manifest(path), self._read_journal())
        self.state = self._builder.state
        self._made: tuple[State, dict[tuple[str, str], ReadingsFile]] = self.state, {}

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open the store in folder `path`."""
        return cls(path)

    @property
    def id(self) -> str:
        """What tells this store from any other: 8 hexadecimal digits."""
        return self.state.manifest.store_id

    @property
    def manifest(self) -> Manifest:
        """What the files hold; `devices` adds the rows in memory."""
        return self.state.manifest

    @property
    def devices(self) -> dict[str, DeviceEntry]:
        """What the store holds, by device."""
        return self.state.devices

    @property
    def version(self) -> str:
        """Another one whenever anything that can be read has changed."""
        return self.state.version

    @property
    def writable(self) -> bool:
        """Whether this process may write into the store's folder."""
        return os.access(self.path, os.W_OK) and not os.statvfs(self.path).f_flag & os.ST_RDONLY

    def reserve(self) -> None:
        """Take the memory now that reading would take bit by bit: that costs some 50 ms once, instead of 3 ms a page.

        It is what the rows of the files come to when they are read, at most what the cache may hold.
        """
        signals = (signal for device in self.manifest.devices.values() for signal in device.signals.values())
        self._cache.reserve(sum(signal.rows for signal in signals) * ROW_BYTES)

    def refresh(self) -> bool:
        """Read the manifest again if it was swapped since; tells whether it was. Costs one `stat` otherwise."""
        seen = _identity(self.path / MANIFEST)
        if seen == self._seen:
            return False
        manifest = read_manifest(self.path)
        with self._changing:
            self._rebuild(manifest, self._builder.batches if self._owns_journal else self._read_journal())
            self._seen = seen
        return True

    def follow(self) -> bool:
        """Take in what other processes have written since: another manifest, more of the journal; tells whether so."""
        swapped = False
        while self.refresh():
            swapped = True
        records = self._reader.more(after=self.state.last)
        self.take([(number, Batch.decode(record)) for number, record in records])
        return swapped or bool(records)

    def adopt(self, records: Iterable[tuple[int, bytes]]) -> None:
        """From here on this process writes the journal, whose records these are."""
        batches = [(number, Batch.decode(record)) for number, record in records]
        manifest, seen = read_manifest(self.path), _identity(self.path / MANIFEST)
        with self._changing:
            self._rebuild(manifest, batches)
            self._owns_journal, self._seen = True, seen

    def take(self, batches: Sequence[Numbered]) -> None:
        """Let rows that the journal holds be read."""
        with self._changing:
            self._builder.add(batches)
            self.state = self._builder.state

    def _rebuild(self, manifest: Manifest, batches: Sequence[Numbered]) -> None:
        self._builder = self._built(manifest, batches)
        self.state = self._builder.state

    def _built(self, manifest: Manifest, batches: Sequence[Numbered]) -> StateBuilder:
        return StateBuilder(manifest, batches, open_column=self.column)

    def _read_journal(self) -> list[Numbered]:
        self._reader = JournalReader(self.path / JOURNAL)
        records = self._reader.more(after=0)
        return [(number, Batch.decode(record)) for number, record in records]

    def column(self, name: str) -> ColumnFile:
        """The open column file `name` (relative to the store).

        Raises
        ------
        StoreDamaged
            it is missing or does not hold together.
        """
        return self._opened(self._files, name, ColumnFile)

    def _opened(self, held: OrderedDict[str, F], name: str, kind: Callable[[Path, RowGroupCache], F]) -> F:
        with self._lock:
            if name in held:
                held.move_to_end(name)
                return held[name]
        file = kind(self.path / name, self._cache)
        with self._lock:
            held[name] = file
            while len(held) > _OPEN_FILES:
                held.popitem(last=False)
        return file

    def readings(self, device_id: str, topic: str, *, cache: RowGroupCache | None = None) -> ReadingsFile:
        """The readings of `topic` (or ``bess``, whose fields are prefixed) of a device that has it.

        With a `cache` of its own, reading much of it does not push out what others read often.
        """
        state, made = self.state, self._made
        if made[0] is not state or len(made[1]) >= _MADE_TOPICS:
            made = self._made = state, {}
        if cache is None and (held := made[1].get((device_id, topic))) is not None:
            return held
        try:
            found = self._readings(state, device_id, topic=topic, cache=cache)
        except StoreDamaged:
            # an ingest may have removed a file that only the earlier manifest names
            if not self.refresh():
                raise
            return self._readings(self.state, device_id, topic=topic, cache=cache)
        if cache is None:
            made[1][device_id, topic] = found
        return found

    def version_of(self, device_id: str, end_ms: int | None = None) -> str:
        """Another one whenever anything that is read of a device before `end_ms` may have changed."""
        return self.state.version_of(device_id, end_ms)

    def signal(self, device_id: str, name: str) -> Column:
        """The rows of the stored signal `name` (``topic.field``) of a device that has it."""
        return self._signal(self.state, device_id, name)

    def _signal(self, state: State, device_id: str, name: str) -> ColumnFile | OverlaidColumn:
        tail = state.tails.get(device_id)
        overlaid = None if tail is None else tail.columns.get(name)
        return overlaid or self.column(state.devices[device_id].signals[name].file)

    def pyramid(self, device_id: str, name: str) -> Pyramid:
        """The buckets of the stored signal `name` (``topic.field``) of a device that has it, rows in memory included.

        Raises
        ------
        NotKnown
            no such device or signal.
        StoreDamaged
            at opening and at reading.
        """
        try:
            return self._pyramid(self.state, device_id, name)
        except StoreDamaged:
            if not self.refresh():
                raise
            return self._pyramid(self.state, device_id, name)

    def _pyramid(self, state: State, device_id: str, name: str) -> Pyramid:
        device = state.devices.get(device_id)
        if device is None:
            raise NotKnown("device", device_id, known=state.devices)
        entry = device.signals.get(name)
        if entry is None:
            raise NotKnown("signal", name, known=device.signals)
        base = None if entry.pyramid is None else self._opened(self._pyramids, entry.pyramid, PyramidFile)
        tail = state.tails.get(device_id)
        overlaid = None if tail is None else tail.columns.get(name)
        if base is not None and overlaid is None:
            return base
        return LivePyramid(
            self._signal(state, device_id, name),
            base,
            changed=NO_STAMPS if overlaid is None else overlaid.t_ms,
            span_ms=(entry.first_ms, entry.end_ms),
            counting=counting_of(lookup(*name.split(".", 1))),
        )

    def _readings(self, state: State, device_id: str, *, topic: str, cache: RowGroupCache | None) -> ReadingsFile:
        device = state.devices.get(device_id)
        entry = None if device is None else device.topics.get(topic)
        if device is None or entry is None:
            raise NotKnown(f"{topic} device", device_id, known=state.devices)
        feeds: dict[str, Feed | None] = {}
        for (name, signal), stored in zip(signals_of(device, topic).items(), names_of(topic), strict=True):
            column = None if signal is None else self._signal(state, device_id, stored)
            column = column.through(cache) if column and cache else column
            feeds[name] = Feed(column, signal.tolerance_ms(entry.period_s)) if signal and column else None
        tail = state.tails.get(device_id)
        patched = None if tail is None else tail.timelines.get(topic)
        timeline = patched or self.column(entry.timeline)
        return ReadingsFile(device_id, topic, timeline=timeline.through(cache) if cache else timeline, feeds=feeds)


def reading_fields(topic: str) -> tuple[str, ...]:
    """The fields of a reading of `topic` in the order of the contract; those of ``bess`` carry their topic before them.

    >>> reading_fields("env"), reading_fields("bess")[0]
    (('temperature', 'humidity'), 'bms_soc')
    """
    if topic == "bess":
        return tuple(f"{part}_{field}" for part in BESS_TOPICS for field in fields_of(part))
    return fields_of(topic)


def names_of(topic: str) -> tuple[str, ...]:
    """The stored signal behind each field of a reading of `topic`, in order.

    >>> names_of("env")
    ('env.temperature', 'env.humidity')
    """
    parts = BESS_TOPICS if topic == "bess" else (topic,)
    return tuple(f"{part}.{field}" for part in parts for field in fields_of(part))


def signals_of(device: DeviceEntry, topic: str) -> dict[str, SignalEntry | None]:
    """For each field of a reading of `topic`, in order, the stored signal, or None where the device has none."""
    stored = zip(reading_fields(topic), names_of(topic), strict=True)
    return {field: device.signals.get(name) for field, name in stored}


def rows_kept_ms(device: DeviceEntry, topic: str | None = None) -> int | None:
    """From when on (ms) a topic, or all of them, has its rows, None where retention dropped none."""
    signals = _stored_signals(device, topic)
    return max((signal.kept_from["raw"] for signal in signals if "raw" in signal.kept_from), default=None)


def newest_ms(device: DeviceEntry, topic: str) -> int | None:
    """The stamp of the newest observation of a topic (of any stored one, cells too), None where there is none."""
    return max((signal.end_ms for signal in _stored_signals(device, topic)), default=None)


def _stored_signals(device: DeviceEntry, topic: str | None) -> Iterator[SignalEntry]:
    """All stored signals of a topic, or of all, whether readings have them or not."""
    parts = BESS_TOPICS if topic == "bess" else (topic,)
    return (entry for name, entry in device.signals.items() if topic is None or name.partition(".")[0] in parts)


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
