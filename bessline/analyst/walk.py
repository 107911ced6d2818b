"""The walk: all readings of a device in the order of time, by windows of bounded size."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from bessline.analytics.base import Subject
from bessline.signals import READING_TOPICS, fields_of
from bessline.sources.base import Float64, Int64
from bessline.store import Store
from bessline.store.align import as_of
from bessline.store.archive import newest_ms
from bessline.store.manifest import DeviceEntry

#: Values of one window at most: 32 MB.
WINDOW_VALUES = 4_000_000
#: And stamps: so much is looked for at once.
WINDOW_TICKS = 8192
_CELL = re.compile(r"p(\d+)_([vt])(\d+)")


@dataclass(frozen=True, slots=True)
class Window:
    """Readings that follow each other: stamps int64[n] (ms) and values float64[n, signals], NaN where there is none."""

    t_ms: Int64
    value: Float64


def topic_of(device: DeviceEntry) -> str | None:
    """The topic whose stamps are those of the device's readings: the finest. None for a device without readings."""
    held = [(entry.period_s, name != "bess", name) for name, entry in device.topics.items() if entry.rows]
    return min(held)[2] if held else None


def signals_of(device: DeviceEntry) -> tuple[str, ...]:
    """The signals that the catalogue knows, as stored, in its order; then the cells by pack and number.

    Unclassified ones are left out: nobody knows what they mean.
    """
    known = [f"{topic}.{field}" for topic in READING_TOPICS for field in fields_of(topic)]
    cells = sorted((name for name in device.signals if name.startswith("cells.")), key=_cell_order)
    return (*(name for name in known if name in device.signals), *cells)


def _cell_order(name: str) -> tuple[str, int, int]:
    match = _CELL.fullmatch(name.partition(".")[2])
    return (match[2], int(match[1]), int(match[3])) if match else (name, 0, 0)


def subject_of(device_id: str, device: DeviceEntry) -> Subject | None:
    """What there is to watch, None for a device without readings."""
    topic = topic_of(device)
    if topic is None:
        return None
    return Subject(device_id, signals_of(device), device.topics[topic].period_s, device.timezone)


class Walk:
    """The readings of the device that `subject` names, its signals at the stamps of the device's finest topic."""

    def __init__(self, store: Store, subject: Subject, *, most_ticks: int = WINDOW_TICKS) -> None:
        self._store, self._subject = store, subject
        self._ticks = int(np.clip(WINDOW_VALUES // max(1, len(subject.signals)), 64, most_ticks))

    def count(self, upto_ms: int) -> int:
        """How many readings there are up to a data time."""
        _, topic = self._device()
        return 0 if topic is None else self._store.readings(self._subject.device_id, topic).span(None, upto_ms + 1)[1]

    def first_ms(self) -> int | None:
        """The stamp of the oldest reading, None where there is none."""
        device, topic = self._device()
        return None if topic is None else device.topics[topic].start_ms

    def last_ms(self) -> int | None:
        """The stamp of the newest reading that counts, None where there is none."""
        device, topic = self._device()
        if topic is None:
            return None
        end_ms, observed_ms = device.topics[topic].end_ms, newest_ms(device, topic)
        if end_ms is None or observed_ms is None:
            return None
        # a grid reaches beyond the newest observation: what stands there may still change
        readings = self._store.readings(self._subject.device_id, topic)
        _, count = readings.span(None, min(end_ms, observed_ms) + 1)
        return int(readings.at(count - 1, count, fields=()).t_ms[0]) if count else None

    def after(self, t_ms: int | None) -> Window | None:
        """The next readings after a data time, None where there are none that count yet."""
        last_ms = self.last_ms()
        stamps = np.empty(0, np.int64) if last_ms is None else self._stamps(t_ms, last_ms)
        return Window(stamps, self._values(stamps)) if len(stamps) else None

    def _device(self) -> tuple[DeviceEntry, str | None]:
        device = self._store.devices[self._subject.device_id]
        return device, topic_of(device)

    def _stamps(self, after_ms: int | None, last_ms: int) -> Int64:
        _, topic = self._device()
        if topic is None:
            return np.empty(0, np.int64)
        readings = self._store.readings(self._subject.device_id, topic)
        first, last = readings.span(None if after_ms is None else after_ms + 1, last_ms + 1)
        return readings.at(first, min(first + self._ticks, last), fields=()).t_ms

    def _values(self, stamps: Int64) -> Float64:
        device_id = self._subject.device_id
        device, _ = self._device()
        value = np.empty((len(stamps), len(self._subject.signals)))
        for n, name in enumerate(self._subject.signals):
            entry = device.signals[name]
            tolerance_ms = entry.tolerance_ms(self._subject.period_s)
            t_ms, held = self._store.signal(device_id, name).between(int(stamps[0]) - tolerance_ms, int(stamps[-1]))
            value[:, n] = as_of(stamps, t_ms, held, tolerance_ms=tolerance_ms)[0]
        value.flags.writeable = False
        return value
