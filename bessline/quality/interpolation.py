"""Values that lie on a straight line: somebody filled a gap. pvanalytics' ``interpolation_diff``."""

from __future__ import annotations

import numpy as np

from bessline.quality.spans import Mask, runs
from bessline.sources.base import Float64

#: So many readings on one line are no chance.
_FEWEST = 12
#: Equal to this share of what the signal moves through.
_EQUAL = 1e-6
#: Of a quantised signal nearly all steps are whole multiples of the smallest, and slow ramps lie on lines anyway.
_QUANTISED, _WHOLE, _STEPS = 0.99, 0.01, 5.5


def interpolated(value: Float64) -> Mask:
    """Which of float64[n] values, in the order of time, lie on a line with at least eleven others that rises or falls.

    >>> np.flatnonzero(interpolated(np.concatenate([[5.0, 1.0], np.linspace(2, 8, 14), [1.0, 1.1]])))
    array([ 2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15])
    """
    found = np.zeros(len(value), bool)
    if len(value) < _FEWEST:
        return found
    steps = np.diff(value)
    equal = _EQUAL * float(value.max() - value.min())
    size = np.abs(steps)
    straight = (np.abs(np.diff(steps)) <= equal) & (size[1:] > max(equal, _STEPS * _resolution(size[size > equal])))
    begins, ends = runs(straight)
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        if end - begin + 2 >= _FEWEST:
            found[begin : end + 2] = True
    return found


def _resolution(size: Float64) -> float:
    """The step of which all of float64[n] step sizes are multiples; 0 where there is none."""
    if not len(size):
        return 0.0
    times = size / size.min()
    whole = np.abs(times - np.rint(times)) < _WHOLE
    return float(size.min()) if whole.mean() > _QUANTISED else 0.0
