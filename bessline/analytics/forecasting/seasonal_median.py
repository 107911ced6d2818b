"""As it usually is at this hour of the local clock."""

from __future__ import annotations

from typing import get_args

import numpy as np

from bessline.analytics.forecasting.base import Memory, Method
from bessline.analytics.forecasting.local_clock import Slots
from bessline.analytics.forecasting.local_days import Kin
from bessline.sources.base import Float64


class SeasonalMedian(Method):
    """The median of the slot over the last seven days, over four such weekdays, over four weeks of such days."""

    names = ("median of 7 days", "median of 4 weekdays", "median of like days")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def forecast(self, targets: Slots) -> Float64:
        """One row a kind of kinship."""
        return np.stack([self._memory.days.medians(targets, kin) for kin in get_args(Kin)])
