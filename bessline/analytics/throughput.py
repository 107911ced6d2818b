"""Charge that went through a battery, at the rate at which its current comes."""

from __future__ import annotations

import math

_MS_PER_HOUR = 3_600_000.0


class Throughput:
    """Integrates a current, each direction by itself: a net sum would hide what went in and out again.

    `in_ah` and `out_ah` are what was counted; a step longer than `longest_ms`, or one with a missing value at an end,
    is a gap: it is not bridged, and `coverage` says so.

    >>> counted = Throughput(longest_ms=90_000)
    >>> for t_ms, amps in ((0, -60.0), (60_000, -60.0), (660_000, 60.0)):
    ...     counted.add(t_ms, amps)
    >>> counted.in_ah, counted.out_ah, round(counted.coverage, 3)
    (1.0, 0.0, 0.091)
    """

    def __init__(self, *, longest_ms: float) -> None:
        self.in_ah = self.out_ah = 0.0
        self._longest_ms = longest_ms
        self._covered_ms = self._span_ms = 0
        self._last_ms: int | None = None
        self._last_a = math.nan

    @property
    def coverage(self) -> float:
        """The share of the time since the first value that was counted, 0..1."""
        return self._covered_ms / self._span_ms if self._span_ms else 0.0

    def add(self, t_ms: int, amps: float) -> None:
        """Take the next value (A, discharge positive), NaN where there is none."""
        before_ms, before_a = self._last_ms, self._last_a
        if before_ms is None:
            if amps == amps:
                self._last_ms, self._last_a = t_ms, amps
            return
        step_ms = t_ms - before_ms
        self._span_ms += step_ms
        # a NaN compares as False on both sides, so a step with one counts for nothing
        if step_ms <= self._longest_ms and amps == amps and before_a == before_a:
            self._covered_ms += step_ms
            hours = step_ms / _MS_PER_HOUR / 2
            for each in (before_a, amps):
                if each > 0:
                    self.out_ah += each * hours
                elif each < 0:
                    self.in_ah -= each * hours
        self._last_ms, self._last_a = t_ms, amps
