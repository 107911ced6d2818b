"""Where a step stands by the plant's clock: seasons follow people, and people follow summer time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from bessline.sources.base import Int64

DAY_S = 86_400


class Slots(NamedTuple):
    """Steps by the local clock: `day` counts local days since the epoch, `of_day` the steps since their midnight.

    Both int64[n]. On the day of 25 hours some slots come twice, on the day of 23 some are left out.
    """

    day: Int64
    of_day: Int64

    @property
    def weekday(self) -> Int64:
        """Monday is 0; the epoch was a Thursday."""
        return (self.day + 3) % 7


class LocalClock:
    """Steps of `step_s` seconds, counted from the epoch, seen in one zone (None is UTC).

    >>> LocalClock("Europe/Berlin", 3600).slots(0, 2).of_day.tolist()
    [1, 2]
    """

    def __init__(self, timezone: str | None, step_s: int) -> None:
        self._zone = ZoneInfo(timezone or "UTC")
        self._step_s = step_s

    def slots(self, first: int, count: int) -> Slots:
        """The steps `first`, `first + 1`, ...: at most a day of them, so that the clock changes at most once."""
        utc_s = np.arange(first, first + count, dtype=np.int64) * self._step_s
        local_s = utc_s + self._offsets(utc_s)
        return Slots(local_s // DAY_S, local_s % DAY_S // self._step_s)

    def _offsets(self, utc_s: Int64) -> Int64:
        ends = [self._offset_s(int(second)) for second in (utc_s[0], utc_s[-1])]
        if ends[0] == ends[1]:
            return np.full(len(utc_s), ends[0], dtype=np.int64)
        return np.array([self._offset_s(int(second)) for second in utc_s], dtype=np.int64)

    def _offset_s(self, utc_s: int) -> int:
        offset = datetime.fromtimestamp(utc_s, self._zone).utcoffset() or timedelta()
        return int(offset.total_seconds())
