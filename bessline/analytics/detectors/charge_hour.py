"""What flowed in the last hour, and what the state of charge made of it."""

from __future__ import annotations

import math
from collections import deque

HOUR_S = 3600.0
#: How often the charge is noted at most, in seconds.
NOTE_S = 60.0


class ChargeHour:
    """The charge that flowed in the last hour and the change of the state of charge over the very same time.

    Parameters
    ----------
    longest_s: a step longer than this is a hole: what flowed in it is not known, and the hour begins anew after it.

    >>> hour = ChargeHour(longest_s=180.0)
    >>> for minute in range(61):
    ...     flowed, change = hour.update(60_000 * minute, amps=-28.0, soc=50.0 + minute / 6)
    >>> round(flowed, 6), round(change, 6)
    (-28.0, 10.0)
    """

    def __init__(self, *, longest_s: float) -> None:
        self._longest_ms = longest_s * 1000
        self._notes: deque[tuple[int, float, float]] = deque(maxlen=int(HOUR_S / NOTE_S) + 2)
        self._amp_hours = 0.0
        self._last: tuple[int, float] | None = None

    def update(self, t_ms: int, *, amps: float, soc: float) -> tuple[float, float]:
        """Ah out of the battery and the change of SOC (%) in the last hour; NaN where one of them is not known."""
        if math.isnan(amps) or math.isnan(soc):
            return math.nan, math.nan
        self._flow(t_ms, amps)
        while len(self._notes) > 1 and t_ms - self._notes[1][0] >= HOUR_S * 1000:
            self._notes.popleft()
        if not self._notes or t_ms - self._notes[-1][0] >= NOTE_S * 1000:
            self._notes.append((t_ms, self._amp_hours, soc))
        then_ms, amp_hours, before = self._notes[0]
        away_ms = t_ms - then_ms - HOUR_S * 1000
        if not 0 <= away_ms <= max(self._longest_ms, NOTE_S * 1000):
            return math.nan, math.nan
        return self._amp_hours - amp_hours, soc - before

    def _flow(self, t_ms: int, amps: float) -> None:
        """Trapezoids, but none across a hole."""
        last, self._last = self._last, (t_ms, amps)
        if last is None:
            return
        if t_ms - last[0] > self._longest_ms:
            self._notes.clear()
            return
        self._amp_hours += (amps + last[1]) / 2 * (t_ms - last[0]) / 3_600_000
