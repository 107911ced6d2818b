"""DataManager: timestamp-synchronised readings of one topic, by page, by time range, and as an iterator.

Everything here reads files and blocks: call it in a thread, never on an event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bessline.errors import NotKnown, StoreDamaged
from bessline.signals import READING_TOPICS
from bessline.store import Readings, Store
from bessline.store.archive import reading_fields, rows_kept_ms, signals_of
from bessline.store.manifest import DeviceEntry, TopicEntry
from bessline.store.readings import ReadingsFile
from bessline.store.row_group_cache import NewestGroups

__all__ = ["BMSDataManager", "DataManager", "Managers", "PCSDataManager", "Readings", "Timeline"]

#: Parts of a sweep hold about so many values, but at least so many rows, as the first one does: it is waited for.
_SWEEP_VALUES, _SWEEP_ROWS = 3 << 19, 16_384


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where the readings of a topic lie.

    `start_ms` and `end_ms` are the stamps of the first and the last reading. `coverage` is the share of that span which
    is not lost in gaps. `fields` are those that the device measures.
    """

    start_ms: int
    end_ms: int
    rows: int
    period_s: float
    coverage: float
    fields: tuple[str, ...]
    whole_rows: bool


class DataManager:
    """Readings of one topic of all devices.

    Parameters
    ----------
    store: the opened store.
    topic: ``bms``, ``pcs``, ``aux``, ``env``, ``safety``, ``meter``, or ``bess`` for the first five on one timeline.

    Times are milliseconds since the epoch, UTC; ranges are half-open, ``None`` is open. Every method raises
    `NotKnown` for a device without the topic and for a field that a reading of it does not have.
    """

    def __init__(self, store: Store, topic: str) -> None:
        self.store, self.topic = store, topic
        self.fields = reading_fields(topic)

    def devices(self) -> list[str]:
        """The devices that have readings of this topic."""
        found = ((name, device.topics.get(self.topic)) for name, device in self.store.devices.items())
        return sorted(name for name, entry in found if entry is not None and entry.rows)

    def timeline(self, device_id: str) -> Timeline:
        """Where this device's readings lie, from the manifest alone."""
        device, entry = self._known(device_id)
        return Timeline(
            start_ms=entry.start_ms or 0,
            end_ms=entry.end_ms or 0,
            rows=entry.rows,
            period_s=entry.period_s,
            coverage=entry.coverage or 0.0,
            fields=tuple(name for name, signal in signals_of(device, self.topic).items() if signal is not None),
            whole_rows=entry.whole_rows,
        )

    def kept_from_ms(self, device_id: str) -> int | None:
        """From when on this device has its rows, None where retention dropped none."""
        device, _ = self._known(device_id)
        return rows_kept_ms(device, self.topic)

    def count(self, device_id: str, *, start_ms: int | None = None, end_ms: int | None = None) -> int:
        """How many readings lie in [start_ms, end_ms). Exact; costs at most two blocks of stamps."""
        first, last = self._file(device_id).span(start_ms, end_ms)
        return last - first

    def page(
        self,
        device_id: str,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        skip: int = 0,
        limit: int = 100,
        fields: Sequence[str] | None = None,
        ages: bool = False,
    ) -> Readings:
        """At most `limit` readings of [start_ms, end_ms), after the first `skip`; the same cost at any depth."""
        wanted = self._fields(fields)
        file = self._file(device_id)
        first, last = file.span(start_ms, end_ms)
        first = min(first + skip, last)
        return file.at(first, min(first + limit, last), fields=wanted, ages=ages)

    def walk(
        self,
        device_id: str,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        fields: Sequence[str] | None = None,
        chunk: int = 1000,
    ) -> Iterator[Readings]:
        """All readings of [start_ms, end_ms) in order, `chunk` at a time: bounded memory at any length.

        The walk goes on by time, not by position, so rows that an ingest adds meanwhile neither repeat nor hide any.
        """
        while True:
            readings = self.page(device_id, start_ms=start_ms, end_ms=end_ms, limit=chunk, fields=fields)
            if not len(readings):
                return
            yield readings
            start_ms = int(readings.t_ms[-1]) + 1

    def sweep(
        self,
        device_id: str,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        skip: int = 0,
        fields: Sequence[str] | None = None,
        ages: bool = False,
    ) -> Iterator[Readings]:
        """All readings of [start_ms, end_ms) after the first `skip`, for an export: large parts of one moment's store.

        It reads past the cache that pages live in. Should an ingest remove files that the moment needs, the sweep goes
        on in the store as it is then, after the last stamp.
        """
        wanted = self._fields(fields)
        rows, most = _SWEEP_ROWS, max(_SWEEP_ROWS, _SWEEP_VALUES // (1 + len(wanted)))
        with ThreadPoolExecutor(1, thread_name_prefix="bessline-sweep") as reader:
            while True:
                taken = self.store.state
                try:
                    file = self.store.readings(device_id, self.topic, cache=NewestGroups())
                    first, last = file.span(start_ms, end_ms)
                    at = first + skip
                    while at < last:
                        end = min(at + rows, last)
                        part = file.at(at, end, fields=wanted, ages=ages, threads=reader)
                        yield part
                        at, rows = end, most
                        start_ms, skip = int(part.t_ms[-1]) + 1, 0
                    return
                except StoreDamaged:
                    self.store.refresh()
                    if self.store.state is taken:
                        raise

    def newest(self, device_id: str, *, at_ms: int, fields: Sequence[str] | None = None) -> Readings:
        """The last reading at or before `at_ms`: one row, or none."""
        wanted = self._fields(fields)
        file = self._file(device_id)
        _, last = file.span(None, at_ms + 1)
        return file.at(max(0, last - 1), last, fields=wanted)

    def _known(self, device_id: str) -> tuple[DeviceEntry, TopicEntry]:
        device = self.store.devices.get(device_id)
        entry = None if device is None else device.topics.get(self.topic)
        if device is None or entry is None or not entry.rows:
            raise NotKnown(f"{self.topic} device", device_id, known=self.devices())
        return device, entry

    def _file(self, device_id: str) -> ReadingsFile:
        self._known(device_id)
        return self.store.readings(device_id, self.topic)

    def _fields(self, fields: Sequence[str] | None) -> tuple[str, ...]:
        if fields is None:
            return self.fields
        for name in fields:
            if name not in self.fields:
                raise NotKnown(f"{self.topic} field", name, known=self.fields)
        return tuple(dict.fromkeys(fields))


class BMSDataManager(DataManager):
    """Readings of the battery management system."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "bms")


class PCSDataManager(DataManager):
    """Readings of the power conversion system."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, "pcs")


class Managers(Mapping[str, DataManager]):
    """One manager a topic, and ``bess``, over one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        own: dict[str, DataManager] = {"bms": BMSDataManager(store), "pcs": PCSDataManager(store)}
        others = (topic for topic in (*READING_TOPICS, "bess") if topic not in own)
        self._managers = own | {topic: DataManager(store, topic) for topic in others}

    def __getitem__(self, topic: str) -> DataManager:
        return self._managers[topic]

    def __iter__(self) -> Iterator[str]:
        return iter(self._managers)

    def __len__(self) -> int:
        return len(self._managers)
