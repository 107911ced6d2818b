"""The manifest: what a store holds. Stands by itself, so that a worker loads little else (see `manifest_file`)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import ClassVar

FORMAT = 1
#: A value holds for this many median periods of its signal (the contract's tolerance).
TOLERANCE_PERIODS = 3


class _Entry:
    #: Read by pydantic where the file is read: a key that is not known is damage.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEntry(_Entry):
    """One stored signal: its files and what is known of its rows without opening them.

    `file` holds the rows, `pyramid` their buckets (None in a store of an earlier version, until its next ingest);
    `bytes` is the size of both. `rows` counts values and markers; the figures below it rest on the values alone
    (`markers` are explicit "missing"). `period_s` is the median step between values, None for fewer than two.

    Of what retention dropped, `kept_from` says from when on (ms) the rows (``raw``) and the buckets of each level are
    kept, and `began_ms` where the earliest bucket that is left of it starts.
    """

    file: str
    bytes: int
    rows: int
    markers: int
    start_ms: int
    end_ms: int
    period_s: float | None
    gaps: int
    gap_s: float
    low: float | None
    high: float | None
    out_of_range: int
    hold_s: float | None = None
    pyramid: str | None = None
    kept_from: dict[str, int] = field(default_factory=dict)
    began_ms: int | None = None

    @property
    def first_ms(self) -> int:
        """The first instant (ms) of which anything is known, be it in a bucket."""
        return self.start_ms if self.began_ms is None else self.began_ms

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of the signal."""
        return (self.file,) if self.pyramid is None else (self.file, self.pyramid)

    def tolerance_ms(self, fallback_s: float) -> int:
        """How old a value may be and still count, in milliseconds; `fallback_s` is the period where none is known."""
        if self.hold_s is not None:
            return round(self.hold_s * 1000)
        return round(TOLERANCE_PERIODS * (self.period_s or fallback_s) * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEntry(_Entry):
    """One topic of a device. `period_s` and `whole_rows` are fixed at the first ingest; `timeline` holds its stamps."""

    period_s: float
    whole_rows: bool
    timeline: str
    rows: int
    start_ms: int | None
    end_ms: int | None
    coverage: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry(_Entry):
    """One device: signals by ``topic.field``, and the timelines of its topics (with the virtual topic ``bess``).

    `live`: it has live input, so its newest readings are what it does now and nothing is replayed.
    """

    timezone: str | None
    signals: dict[str, SignalEntry] = field(default_factory=dict)
    topics: dict[str, TopicEntry] = field(default_factory=dict)
    live: bool = False

    def fields(self, topic: str) -> tuple[str, ...]:
        """The fields of `topic` that this device has, as stored (catalogue order is the managers' affair)."""
        prefix = topic + "."
        return tuple(name.removeprefix(prefix) for name in self.signals if name.startswith(prefix))


_SUMS = ("rows", "duplicates", "conflicts", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry(_Entry):
    """One ingested file: its signature, how it was read, and what became of its rows.

    `opened` is what opens its source again (see `bessline.sources.open_source`). `mark` is that of the end of its bytes
    (see `bessline.sources.appended.End`), empty where what is appended cannot be read alone.
    """

    size: int
    mtime_ns: int
    reading: str
    signals: tuple[str, ...]
    rows: int
    duplicates: int
    conflicts: int
    rejected: int
    reject_files: tuple[str, ...]
    notes: dict[str, int] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    mark: str = ""

    def grown(self, appended: FileEntry) -> FileEntry:
        """What became of all rows of the file, once `appended` tells what became of those behind the end of this."""
        notes = {text: self.notes.get(text, 0) + appended.notes.get(text, 0) for text in self.notes | appended.notes}
        sums = {name: getattr(self, name) + getattr(appended, name) for name in _SUMS}
        signals = tuple(dict.fromkeys((*self.signals, *appended.signals)))
        reject_files = (*self.reject_files, *appended.reject_files)
        return replace(appended, notes=notes, signals=signals, reject_files=reject_files, **sums)

    def same_bytes(self, size: int, mtime_ns: int) -> bool:
        return (self.size, self.mtime_ns) == (size, mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(_Entry):
    """The whole store. `generation` grows by one with each swap.

    `sealed` is the number of the last record of the journal whose rows are in the files.
    """

    format: int = FORMAT
    store_id: str
    generation: int = 0
    sealed: int = 0
    devices: dict[str, DeviceEntry] = field(default_factory=dict)
    files: dict[str, FileEntry] = field(default_factory=dict)

    @classmethod
    def new(cls) -> Manifest:
        return cls(store_id=os.urandom(4).hex())

    def referenced(self) -> set[str]:
        """Every file of the store that this manifest needs, relative to the store."""
        devices = self.devices.values()
        signals = {name for device in devices for signal in device.signals.values() for name in signal.files}
        timelines = {topic.timeline for device in devices for topic in device.topics.values()}
        return signals | timelines | {name for file in self.files.values() for name in file.reject_files}
