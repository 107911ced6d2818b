"""Single readings that jump away and come back at once: pecos' increment check, with limits learned from the signal."""

from __future__ import annotations

import numpy as np

from bessline.quality.spans import Mask
from bessline.sources.base import Float64, Int64

#: So many times what nine readings of ten stay below, and at least this share of what the signal moves through.
_TIMES_USUAL, _SHARE = 6.0, 0.25
_USUAL, _SPREAD = 0.9, (0.01, 0.99)
#: A neighbour is at most so many median steps away.
_CLOSE = 1.5
#: With fewer readings nothing is usual.
_FEWEST = 50


def spikes(t_ms: Int64, value: Float64) -> Mask:
    """Which of float64[n] values at int64[n] rising stamps stand out from both neighbours to the same side.

    A step to another level is none, and neither are two readings that jump together. Beside a missing reading nobody
    knows whether it was one.

    >>> quiet = np.tile([1.0, 1.1, 1.2, 1.1], 25)
    >>> quiet[40] = 3.0
    >>> np.flatnonzero(spikes(np.arange(100), quiet))
    array([40])
    """
    found = np.zeros(len(value), bool)
    if len(value) < _FEWEST:
        return found
    steps, apart = np.diff(value), np.diff(t_ms)
    before, after = steps[:-1], steps[1:]
    close = apart <= _CLOSE * float(np.median(apart))
    alone = (np.sign(before) * np.sign(after) < 0) & close[:-1] & close[1:]
    height = np.where(alone, np.minimum(np.abs(before), np.abs(after)), 0)
    low, high = np.quantile(value, _SPREAD)
    limit = max(_TIMES_USUAL * float(np.quantile(height, _USUAL)), _SHARE * float(high - low))
    found[1:-1] = height > limit if limit > 0 else False
    return found
