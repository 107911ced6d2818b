"""NEM12, the interval files of Australian smart meters: one record a channel and day, in market time (UTC+10, no DST).

Of each channel the energy of every interval is kept as `unclassified.<suffix>_kwh`, stamped with the end of the
interval, for no earlier it is known. Where a file holds all channels of import (E) and export (B) that the meter has,
their difference over the interval is `meter.active_power`, a mean in kW.

Source: AEMO, Meter data file format specification NEM12 and NEM13.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import ClassVar

import numpy as np

from bessline.errors import DescriptionError, EmptySource, SourceError
from bessline.sources.base import Float64, Job, Note, Part, Rows, SignalId, Source
from bessline.sources.csv_blocks import TEXT_CHARS, reject_rows
from bessline.sources.described import check_device
from bessline.sources.discovery import Found, discover, opened
from bessline.sources.nem12_records import DAY_MIN, Channel, channel_of, is_number, midnight_ms, records

#: Days of the market begin at midnight of UTC+10 ("Etc/GMT-10" is how IANA writes that).
MARKET_ZONE = "Etc/GMT-10"
_QUALITIES = {"E": "estimated", "F": "finally substituted", "S": "substituted"}


@dataclass
class _Day:
    """A 300 record; 400 records may still say more of its quality."""

    channel: Channel
    line: int
    start_ms: int
    value: Float64
    quality: list[str]


@dataclass
class _Net:
    """The net import of one meter, day by day, as its channels come."""

    channels: set[str] = field(default_factory=set)
    days: dict[int, tuple[Float64, int]] = field(default_factory=dict)
    minutes: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Nem12Job(Job):
    """One file. `signals` are those that its 200 records announce."""

    file: Path
    signals: tuple[SignalId, ...]
    prefix: str
    reading: ClassVar[str] = "nem12 1"

    def read(self) -> Iterator[Part]:
        """Yield the energies day by day, then the net power of each meter."""
        yield from _Reader(self.file, self.prefix).parts()


class _Reader:
    def __init__(self, file: Path, prefix: str) -> None:
        self._file, self._prefix = file, prefix
        self._channel: Channel | None = None
        self._day: _Day | None = None
        self._net = _Net()
        self._qualities: Counter[str] = Counter()

    def parts(self) -> Iterator[Part]:
        for line, cells in records(self._file):
            try:
                yield from self._record(line, cells)
            except ValueError as error:
                yield reject_rows([line], [str(error)], [",".join(cells)[:TEXT_CHARS]])
        yield from self._end_of_day()
        yield from self._end_of_meter()
        for quality, intervals in sorted(self._qualities.items()):
            yield Note(f"values of intervals were {_QUALITIES[quality]} by the meter's operator", intervals)

    def _record(self, line: int, cells: list[str]) -> Iterator[Part]:
        if cells[0] == "400":
            self._requalify(cells)
            return
        yield from self._end_of_day()
        if cells[0] == "200":
            yield from self._open(cells)
        elif cells[0] == "300":
            self._day = self._day_of(line, cells)
        elif cells[0] not in ("100", "500", "900"):
            raise ValueError(f"{cells[0][:20]!r} is no record of NEM12; one begins with 100, 200, 300, 400, 500 or 900")

    def _open(self, cells: list[str]) -> Iterator[Part]:
        before, self._channel = self._channel, None
        channel = channel_of(cells)
        if before is None or before.nmi != channel.nmi:
            yield from self._end_of_meter(before)
        self._channel = channel

    def _day_of(self, line: int, cells: list[str]) -> _Day:
        channel = self._channel
        if channel is None:
            raise ValueError("stands behind no 200 record that could be read, so nobody knows what it measures")
        count = DAY_MIN // channel.minutes
        values = cells[2 : 2 + count]
        good = len(list(takewhile(is_number, values)))
        if good < count:
            raise ValueError(f"has {good} of {count} values of {channel.minutes} minutes")
        start_ms = midnight_ms(cells[1])
        quality = cells[2 + count][:1].upper() if len(cells) > 2 + count else ""
        if quality not in ("A", "E", "F", "N", "S", "V"):
            raise ValueError(f"has no quality behind its {count} values; one of A, E, F, N, S, V stands there")
        return _Day(channel, line, start_ms, np.array(values, np.float64) * channel.scale, [quality] * count)

    def _requalify(self, cells: list[str]) -> None:
        if self._day is None:
            raise ValueError("a 400 record stands behind no 300 record that could be read")
        count = len(self._day.quality)
        first, last = (int(cell) if cell.isdecimal() else 0 for cell in cells[1:3])
        if not 1 <= first <= last <= count:
            raise ValueError(f"names intervals {cells[1:3]}; a day has 1 to {count}")
        self._day.quality[first - 1 : last] = [cells[3][:1].upper()] * (last - first + 1)

    def _end_of_day(self) -> Iterator[Part]:
        day, self._day = self._day, None
        if day is None:
            return
        value = np.where([quality == "N" for quality in day.quality], np.nan, day.value)
        self._qualities.update(quality for quality in day.quality if quality in _QUALITIES)
        yield Rows(self._signal(day.channel.nmi, "unclassified", day.channel.field), _ends_ms(day), value)
        if day.channel.sign:
            self._add(day, value)

    def _add(self, day: _Day, value: Float64) -> None:
        net = self._net
        net.channels.add(day.channel.suffix)
        net.minutes.add(day.channel.minutes)
        so_far, channels = net.days.get(day.start_ms, (np.zeros(len(value)), 0))
        if len(so_far) == len(value):
            net.days[day.start_ms] = (so_far + day.channel.sign * value, channels + 1)

    def _end_of_meter(self, channel: Channel | None = None) -> Iterator[Part]:
        channel = channel or self._channel
        net, self._net = self._net, _Net()
        if channel is None or len(net.minutes) != 1 or net.channels != channel.registers:
            return
        hours = net.minutes.pop() / 60
        for start_ms, (value, channels) in sorted(net.days.items()):
            if channels == len(channel.registers):
                ends = start_ms + np.arange(1, len(value) + 1, dtype=np.int64) * round(hours * 3_600_000)
                yield Rows(self._signal(channel.nmi, "meter", "active_power"), ends, value / hours)

    def _signal(self, nmi: str, topic: str, name: str) -> SignalId:
        return SignalId(self._prefix + nmi, topic, name)


def _ends_ms(day: _Day) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    step_ms = day.channel.minutes * 60_000
    return day.start_ms + np.arange(1, len(day.value) + 1, dtype=np.int64) * step_ms


def open_nem12(path: Path, *, timezone: str | None, prefix: str) -> Source:
    """Discover the NEM12 files of `path`, a folder or one file.

    Raises
    ------
    EmptySource
        when no file of it holds a channel.
    SourceError
        when `path` is one file and cannot be read.
    """
    found = discover(path, (".csv",)) if path.is_dir() else Found(files=[path])
    jobs = opened(found, path, lambda file: Nem12Job(file, _signals(file, prefix), prefix))
    if not jobs and not found.refused:
        raise EmptySource("found no NEM12 file", path=path)
    return Source(
        path=path,
        kind="NEM12",
        timezone=timezone or MARKET_ZONE,
        whole_rows=False,
        jobs=tuple(jobs),
        refused=tuple(found.refused),
        ignored=tuple(found.ignored),
    )


def _signals(file: Path, prefix: str) -> tuple[SignalId, ...]:
    """What the 200 records of a file announce."""
    found: dict[SignalId, None] = {}
    for _, cells in records(file):
        if cells[0] != "200":
            continue
        try:
            channel = channel_of(cells)
        except ValueError:
            continue  # it is rejected with its line when the file is read
        try:
            device = check_device(prefix + channel.nmi)
        except ValueError as error:
            raise DescriptionError(f"prefix: {error}") from error
        found[SignalId(device, "unclassified", channel.field)] = None
        if channel.registers:
            found[SignalId(device, "meter", "active_power")] = None
    if not found:
        raise SourceError("holds no channel (no 200 record that can be read)", path=file)
    return tuple(found)
