"""Local days: 23, 24 or 25 hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Day:
    """What of the local day `date` lies in a range: [start_ms, end_ms)."""

    date: date
    start_ms: int
    end_ms: int


def local_days(start_ms: int, end_ms: int, timezone: str | None) -> Iterator[Day]:
    """The days of `timezone` (UTC where None) that lie in [start_ms, end_ms), cut to it.

    >>> days = local_days(1_711_753_200_000, 1_711_922_400_000, "Europe/Berlin")
    >>> [(day.end_ms - day.start_ms) / 3_600_000 for day in days]
    [24.0, 23.0]
    """
    zone = ZoneInfo(timezone or "UTC")
    day = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(zone).date()
    begin = start_ms
    while begin < end_ms:
        following = day + timedelta(days=1)
        end = min(_midnight_ms(following, zone), end_ms)
        if end > begin:  # there are zones that left out a day
            yield Day(day, begin, end)
        day, begin = following, max(begin, end)


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    offset = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset() or timedelta()
    return (day - _EPOCH - offset) // _MS
