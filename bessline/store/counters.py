"""Registers: how much a counter grew from row to row, across resets and rollovers."""

from __future__ import annotations

from typing import Literal

import numpy as np

from bessline.signals import Signal
from bessline.sources.base import Float64

#: ``rising``: a register that only grows. ``both ways``: a net register, whose falls are real.
Counting = Literal["rising", "both ways"]

#: So many values before a row decide about its increment.
CONTEXT = 2
NOTHING = np.empty(0)
#: Where registers roll over: powers of ten, and those of two that are counted in ones, tenths, hundredths, thousandths.
_LIMITS = np.unique([10.0**k for k in range(3, 13)] + [2**k / 10**d for k in (15, 16, 24, 31, 32) for d in range(4)])
_NEAR = 0.01
_RESET = 0.1


def counting_of(signal: Signal | None) -> Counting | None:
    """How a signal counts; None where it does not. A counter with a direction is a net register.

    >>> from bessline.signals import lookup
    >>> counting_of(lookup("meter", "import_energy")), counting_of(lookup("meter", "active_energy"))
    ('rising', 'both ways')
    """
    if signal is None or signal.kind != "counter":
        return None
    return "rising" if signal.sign is None else "both ways"


def increments(value: Float64, before: Float64, counting: Counting) -> Float64:
    """By how much the register grew up to each of float64[n] values (no NaN), since the value before it.

    Parameters
    ----------
    before: the values just before, at most `CONTEXT` of them; the very first value of a register has no increment.

    The rules for a fall:

    - near a limit (a power of ten, or of two in ones to thousandths) to near zero, both within 1 % of it: the register
      rolled over, and the increment is the way over the limit;
    - to a tenth or less of what it was (``both ways``: to exactly zero): it was reset, and has counted from zero since;
    - any other of a ``rising`` register cannot be explained: no increment is invented; ``both ways`` takes it as it is.

    A register that is back at or above its old value with the next row was not reset: the low value between counts for
    nothing.

    >>> increments(np.array([5.0, 7.0, 1.0, 2.0]), np.array([95.0]), "rising").tolist()
    [5.0, 2.0, 0.0, 1.0]
    >>> increments(np.array([99_999.0, 1.0]), np.array([99_998.0]), "rising").tolist()
    [1.0, 2.0]
    """
    known = np.concatenate([before[-CONTEXT:], value])
    if len(known) < 2:
        return np.zeros(len(value))
    grown = np.diff(known)
    falls = np.flatnonzero(grown < 0)
    fall = known[falls], known[falls + 1]
    grown[falls] = _across(*fall, counting)
    reset = falls[_is_reset(*fall, counting)]
    back = reset[reset + 2 < len(known)]
    back = back[known[back + 2] >= known[back]]
    grown[back + 1] = known[back + 2] - known[back] - known[back + 1]
    return np.concatenate([[0.0] * (len(value) - len(grown)), grown])[-len(value) :] if len(value) else NOTHING


def _across(high: Float64, low: Float64, counting: Counting) -> Float64:
    unexplained = low - high if counting == "both ways" else np.zeros(len(low))
    over = np.where(_is_rollover(high, low), _limit_of(high) - high + low, unexplained)
    return np.where(_is_reset(high, low, counting), low, over)


def _limit_of(high: Float64) -> Float64:
    return _LIMITS[np.minimum(np.searchsorted(_LIMITS, high), len(_LIMITS) - 1)]


def _is_rollover(high: Float64, low: Float64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    limit = _limit_of(high)
    near: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        (high <= limit) & (high >= (1 - _NEAR) * limit) & (low >= 0) & (low <= _NEAR * limit)
    )
    return near


def _is_reset(high: Float64, low: Float64, counting: Counting) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    near_zero = (low == 0) if counting == "both ways" else (low >= 0) & (low <= _RESET * high)
    reset: np.ndarray[tuple[int], np.dtype[np.bool_]] = near_zero & ~_is_rollover(high, low)
    return reset
