"""What the ends of charge said, kept for years in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from bessline.sources.base import Float64

Float32 = npt.NDArray[np.float32]
ROWS = 256


class ChargeRecord:
    """Ends of charge in order, a row for each, and for several neighbours once there are more than `ROWS`.

    When it is full, neighbours are joined to their mean and from then on as many charges make a row: the whole history
    stays, ever coarser, at the same cost.
    """

    def __init__(self) -> None:
        self._per_row = 1
        self._t_ms: list[float] = []
        self._count: list[int] = []
        self._values: dict[str, list[Float32]] = {}

    def __len__(self) -> int:
        return len(self._t_ms)

    @property
    def charges(self) -> int:
        """How many charges were added."""
        return sum(self._count)

    @property
    def t_ms(self) -> Float64:
        """Mean stamp of each row, float64[rows]."""
        return np.array(self._t_ms, np.float64)

    @property
    def count(self) -> Float64:
        """Charges in each row, float64[rows]."""
        return np.array(self._count, np.float64)

    def column(self, name: str, *, newest: int = ROWS) -> Float64:
        """The newest rows of the values added as `name`, float64[rows, k]."""
        return np.array(self._values[name][-newest:], np.float64)

    def add(self, t_ms: int, **values: Float64) -> None:
        """A charge that ended at `t_ms`; the same names, each float64[k], every time. NaN where there is no value."""
        if self._count and self._count[-1] < self._per_row:
            share = 1 / (self._count[-1] + 1)
            self._t_ms[-1] += (t_ms - self._t_ms[-1]) * share
            self._count[-1] += 1
            for name, row in values.items():
                self._values[name][-1] = _mean(self._values[name][-1], row, share=share)
            return
        self._t_ms.append(float(t_ms))
        self._count.append(1)
        for name, row in values.items():
            self._values.setdefault(name, []).append(row.astype(np.float32))
        if len(self._t_ms) >= ROWS:
            self._join()

    def _join(self) -> None:
        """Every two neighbours become one row. Both hold the same number of charges."""
        self._per_row *= 2
        self._t_ms = [(a + b) / 2 for a, b in _pairs(self._t_ms)]
        self._count = [a + b for a, b in _pairs(self._count)]
        self._values = {name: [_mean(a, b, share=0.5) for a, b in _pairs(rows)] for name, rows in self._values.items()}


def _pairs(values: list[Any]) -> zip[tuple[Any, Any]]:
    return zip(values[::2], values[1::2], strict=True)


def _mean(old: Float32, new: npt.NDArray[np.floating[Any]], *, share: float) -> Float32:
    """`old` with `share` of `new` in it; where one is missing, the other."""
    mean = np.where(np.isnan(old), new, np.where(np.isnan(new), old, old + (new - old) * share))
    return mean.astype(np.float32)
