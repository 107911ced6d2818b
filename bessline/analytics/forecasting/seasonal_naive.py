"""As it was: the floor that every other method has to beat, and the same a week back."""

from __future__ import annotations

import numpy as np

from bessline.analytics.forecasting.base import Memory, Method
from bessline.analytics.forecasting.local_clock import Slots
from bessline.sources.base import Float64

FLOOR = "seasonal naive (24 h)"
_DAYS_BACK = 7


class SeasonalNaive(Method):
    """The value 24 h (168 h) before; where that is missing the newest one a whole number of such spans back.

    It looks back at most seven days (four weeks); what is missing there stays missing.
    """

    names = (FLOOR, "seasonal naive (168 h)")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def forecast(self, targets: Slots) -> Float64:
        """Row 0 is the floor."""
        steps, day = self._memory.horizon, self._memory.per_day
        days = self._memory.past.newest(_DAYS_BACK * day).reshape(_DAYS_BACK, day)[:, :steps]
        weeks = self._memory.past.newest(28 * day).reshape(4, 7 * day)[:, :steps]
        return np.stack([_newest_present(days), _newest_present(weeks)])


def _newest_present(rows: Float64) -> Float64:
    """From rows with the oldest first, each column's last value that is not NaN."""
    newest: Float64 = rows[-1].copy()
    for older in rows[-2::-1]:
        np.copyto(newest, older, where=np.isnan(newest))
    return newest
