"""The rows that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bessline.sources.base import Float64, Int64
from bessline.store.overlay import Mask


@dataclass(frozen=True, slots=True)
class Table:
    """`features` names the columns of `values` float64[rows, features], NaN where there is no value.

    `timestamps` are those of the rows as they were sent, or `t_ms` int64[rows] those of a history; either may be None.
    """

    features: tuple[str, ...]
    values: Float64
    timestamps: Sequence[str | None] | None = None
    t_ms: Int64 | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def coverage(self) -> Float64:
        """The share of rows that have a value, float64[features]."""
        return np.asarray((~np.isnan(self.values)).mean(axis=0) if len(self) else np.zeros(len(self.features)))

    @property
    def varying(self) -> Mask:
        """Which features have more than one value, bool[features]: a constant tells nothing."""
        if not len(self):
            return np.zeros(len(self.features), bool)
        low = np.where(np.isnan(self.values), np.inf, self.values).min(axis=0)
        high = np.where(np.isnan(self.values), -np.inf, self.values).max(axis=0)
        return np.asarray(high > low)
