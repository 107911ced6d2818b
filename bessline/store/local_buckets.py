"""Hours and days of a place, from the quarter hours of the pyramid: days of 23 and 25 hours, half-hour zones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from bessline.errors import BadParameter
from bessline.sources.base import Int64
from bessline.sources.local_time import transitions
from bessline.store.pyramid import LEVELS, Buckets, Level, grouped

#: What local hours and days are made of: no zone of today is a finer part of an hour away from UTC.
QUARTER: Level = "15min"
LocalUnit = Literal["hour", "day"]
_QUARTER_MS, _HOUR_MS, _DAY_MS = LEVELS[QUARTER], LEVELS["1h"], LEVELS["1d"]
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class LocalBuckets:
    """`buckets`, whose `t_ms` are the instants at which a local hour or day begins; int64 `end_ms` is where it ends."""

    buckets: Buckets
    end_ms: Int64

    def __len__(self) -> int:
        return len(self.end_ms)


def local_buckets(quarters: Buckets, zone: str, unit: LocalUnit) -> LocalBuckets:
    """The local hours or days of the IANA zone `zone`, from buckets of the level `QUARTER`.

    An hour that comes twice gives two buckets, as it is two hours. A bucket at the ends of `quarters` holds what they
    hold: ask for whole days (see `local_day_ms`).

    Raises
    ------
    BadParameter
        the zone was not whole quarters of an hour away from UTC in that time (some were, before 1972).

    >>> from bessline.store.pyramid import fold
    >>> rows = np.arange(1_711_753_200_000, 1_711_922_400_000, 900_000)  # 30 and 31 March 2024 in Berlin
    >>> days = local_buckets(fold(rows, np.ones(len(rows)), level="15min"), "Europe/Berlin", "day")
    >>> ((days.end_ms - days.buckets.t_ms) / 3_600_000).tolist()
    [24.0, 23.0]
    """
    if not len(quarters):
        return LocalBuckets(quarters, quarters.t_ms)
    starts, offsets = _offsets(zone, int(quarters.t_ms[0]), int(quarters.t_ms[-1]))
    part = np.searchsorted(starts, quarters.t_ms, side="right") - 1
    local_ms = quarters.t_ms + offsets[part]
    if unit == "day":
        return _days(quarters, local_ms // _DAY_MS, zone)
    return _hours(quarters, local_ms, part, starts, offsets)


def local_day_ms(zone: str, day: date) -> int:
    """The instant at which `day` begins in `zone`: local midnight, or where the clocks go over it, what comes then."""
    begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return round(begins.astimezone(UTC).timestamp() * 1000)


def _offsets(zone: str, first_ms: int, last_ms: int) -> tuple[Int64, Int64]:
    """From when on which offset (ms) to UTC holds, the first one from the beginning of time."""
    changes = transitions(zone, first_ms, last_ms)
    if changes:
        starts = [np.iinfo(np.int64).min, *(change.utc_ms for change in changes)]
        offsets = [changes[0].before, *(change.after for change in changes)]
    else:
        offset = datetime.fromtimestamp(first_ms / 1000, ZoneInfo(zone)).utcoffset()
        starts, offsets = [np.iinfo(np.int64).min], [round((offset or timedelta()).total_seconds() * 1000)]
    if any(ms % _QUARTER_MS for ms in (*offsets, *starts[1:])):
        raise BadParameter("timezone", f"{zone} was not whole quarters of an hour away from UTC then; ask in UTC")
    return np.array(starts, np.int64), np.array(offsets, np.int64)


def _days(quarters: Buckets, day: Int64, zone: str) -> LocalBuckets:
    found = grouped(quarters, day, width=_DAY_MS)
    dates = [_EPOCH + timedelta(days=number) for number in (found.t_ms // _DAY_MS).tolist()]
    starts = np.array([local_day_ms(zone, each) for each in dates], np.int64)
    ends = np.array([local_day_ms(zone, each + timedelta(days=1)) for each in dates], np.int64)
    return LocalBuckets(found.starting(starts), ends)


def _hours(quarters: Buckets, local_ms: Int64, part: Int64, starts: Int64, offsets: Int64) -> LocalBuckets:
    hour = local_ms // _HOUR_MS
    # a new bucket where the clocks change, too: the second pass of an hour is another one
    changed = np.concatenate([[True], (hour[1:] != hour[:-1]) | (part[1:] != part[:-1])])
    rows = np.flatnonzero(changed)
    found = grouped(quarters, np.cumsum(changed), width=1)
    begin = hour[rows] * _HOUR_MS - offsets[part[rows]]
    next_part = np.append(starts[1:], np.iinfo(np.int64).max)
    return LocalBuckets(
        found.starting(np.maximum(begin, starts[part[rows]])), np.minimum(begin + _HOUR_MS, next_part[part[rows]])
    )
