"""The newest days of one signal as a table of local days by slots, in which summer time has no seam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from bessline.analytics.forecasting.local_clock import Slots
from bessline.sources.base import Float64, Int64

DAYS = 28
#: Which days tell about a day: the week before it; those of its weekday; working days or the weekend, like it.
Kin = Literal["week", "weekday", "class"]


def is_weekend(day: Int64 | int) -> npt.NDArray[np.bool_]:
    """Saturday or Sunday, of local days counted from the epoch.

    >>> is_weekend(2), is_weekend(4)
    (array(True), array(False))
    """
    return np.asarray((np.asarray(day) + 3) % 7 >= 5)


def median_present(table: Float64) -> Float64:
    """Median down each column of what is there: float64[n, slots] -> float64[slots], NaN for an empty column.

    >>> median_present(np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])).tolist()
    [2.0, nan]
    """
    if not len(table):
        return np.full(table.shape[1], np.nan)
    ordered = np.sort(table, axis=0)
    count = np.isfinite(table).sum(axis=0)
    columns = np.arange(table.shape[1])
    return np.asarray(
        (ordered[np.maximum(count - 1, 0) // 2, columns] + ordered[count // 2 * (count > 0), columns]) / 2
    )


def mean_present(table: Float64) -> Float64:
    """Mean down each column of what is there: float64[n, slots] -> float64[slots], NaN for an empty column."""
    present = np.isfinite(table)
    count = present.sum(axis=0)
    total = np.where(present, table, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


class LocalDays:
    """The newest 28 local days: `value` float64[days, per_day], one row a day, NaN where there is none."""

    def __init__(self, per_day: int) -> None:
        self.value = np.full((DAYS, per_day), np.nan)
        self._day: Int64 = np.full(DAYS, -DAYS, dtype=np.int64)

    def put(self, value: float, *, day: int, of_day: int) -> None:
        """Place one step; a repeated local hour keeps the value of its second pass."""
        row = day % DAYS
        if self._day[row] != day:
            self.value[row] = np.nan
            self._day[row] = day
        self.value[row, of_day] = value

    def like(self, day: int, kin: Kin) -> Float64:
        """The rows of the days up to four weeks before `day` that are its kin: float64[n, per_day]."""
        back = day - self._day
        known = (back >= 0) & (back <= DAYS)
        if kin == "week":
            known &= back <= 7
        elif kin == "weekday":
            known &= back % 7 == 0
        else:
            known &= is_weekend(self._day) == is_weekend(day)
        return np.asarray(self.value[known])

    def medians(self, targets: Slots, kin: Kin) -> Float64:
        """For each target step the median of its slot over the kin of its day: float64[n]."""
        return self._each_day(targets, kin, reduce=median_present)

    def means(self, targets: Slots, kin: Kin) -> Float64:
        """As `medians`, with the mean."""
        return self._each_day(targets, kin, reduce=mean_present)

    def _each_day(self, targets: Slots, kin: Kin, *, reduce: Callable[[Float64], Float64]) -> Float64:
        found = np.empty(len(targets.day))
        for day in range(int(targets.day[0]), int(targets.day[-1]) + 1):
            here = targets.day == day
            found[here] = reduce(self.like(day, kin)[:, targets.of_day[here]])
        return found
