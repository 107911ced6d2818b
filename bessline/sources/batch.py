"""Batches: rows of a table that share their stamps, as every format reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bessline.sources.base import Int64, Rows, SignalId
from bessline.sources.decimals import Decimals, Numbers
from bessline.sources.local_time import Mask
from bessline.sources.seconds import Stamps, t_ms_of
from bessline.sources.units import Scaling


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows with a good stamp, in the order of the file.

    `stamps`: n, UTC. `values`: n numbers for each column asked for. `bad`: for each column bool[n], the cells that
    could not be taken, or ``None`` where all could.
    """

    stamps: Stamps
    values: tuple[Numbers, ...]
    bad: tuple[Mask | None, ...]

    @property
    def t_ms(self) -> Int64:
        """The stamps as int64[n] milliseconds."""
        return t_ms_of(self.stamps)

    def rows(self, at: int, signal: SignalId, scaling: Scaling) -> Rows:
        """The good rows of column number `at`, which feeds `signal`."""
        stamps, numbers, bad = self.stamps, self.values[at], self.bad[at]
        if bad is not None:
            stamps, numbers = stamps[~bad], numbers[~bad]
        numbers = scaling.of(numbers)
        return Rows(signal, stamps, numbers if isinstance(numbers, Decimals) else np.ascontiguousarray(numbers))
