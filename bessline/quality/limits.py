"""Values outside of what the catalogue calls plausible."""

from __future__ import annotations

import numpy as np

from bessline.quality.spans import Mask
from bessline.sources.base import Float64


def outside(value: Float64, valid: tuple[float | None, float | None]) -> Mask:
    """Which of float64[n] values lie below the lowest or above the highest valid one; ``None`` is open.

    >>> outside(np.array([-1.0, 0.0, 101.0]), (0, 100))
    array([ True, False,  True])
    """
    low, high = valid
    found = np.zeros(len(value), bool)
    if low is not None:
        found |= value < low
    if high is not None:
        found |= value > high
    return found
