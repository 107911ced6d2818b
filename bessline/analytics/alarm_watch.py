"""One alarm on its way: nothing, pending, raised, cleared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from bessline.analytics.alarm_rules import Rule

#: A bad value that was not confirmed for so long is not continued by the next one.
PATIENCE_MS = 600_000
#: A shorter silence is not spoken of.
SHORTEST_MS = 60_000


@dataclass(slots=True)
class Watch:
    """The state of one rule at one place (`where`, a topic for silence, else empty).

    `raised_ms` is when it was raised, None while it is not; `since_ms` when the first bad value in a row came.
    """

    rule: Rule
    where: str = ""
    since_ms: int | None = None
    raised_ms: int | None = None
    last_bad_ms: int = 0
    cleared_ms: int | None = None
    value: float = math.nan
    signal: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether only a bad value could change it."""
        return self.since_ms is None and self.raised_ms is None

    def see(self, t_ms: int, value: float, *, signal: str) -> Literal["raised", "cleared"] | None:
        """The next value; what it did. NaN does nothing, and a zero is a value."""
        if math.isnan(value):
            return None
        if self.raised_ms is not None:
            return self._clear(t_ms, value) if self.rule.is_good(value) else None
        if not self.rule.is_bad(value):
            self.since_ms = None
            return None
        if self.since_ms is None or t_ms - self.last_bad_ms > PATIENCE_MS:
            self.since_ms = t_ms
        self.last_bad_ms, self.value, self.signal = t_ms, value, signal
        if t_ms - self.since_ms < 1000 * self.rule.duration_s or self._rests(t_ms):
            return None
        self.raised_ms = t_ms
        return "raised"

    def silent(self, t_ms: int, since_ms: int, *, signal: str) -> int | None:
        """There was nothing from `since_ms` on up to now: when it was raised by that, None where it was not just now.

        The values of such a rule are seconds of silence. It stands at its own time, whenever that is found out.
        """
        if self.raised_ms is not None or self.rule.sign < 0:
            return None
        # the first moment beyond the threshold
        due_ms = since_ms + max(round(1000 * (self.rule.threshold + self.rule.duration_s)), SHORTEST_MS) + 1
        if self.cleared_ms is not None:
            due_ms = max(due_ms, self.cleared_ms + round(1000 * self.rule.refractory_s))
        if due_ms > t_ms:
            return None
        self.since_ms, self.raised_ms, self.signal = since_ms, due_ms, signal
        self.value = (due_ms - since_ms) / 1000
        return due_ms

    def _rests(self, t_ms: int) -> bool:
        return self.cleared_ms is not None and t_ms - self.cleared_ms < 1000 * self.rule.refractory_s

    def _clear(self, t_ms: int, value: float) -> Literal["cleared"]:
        self.value, self.cleared_ms = value, t_ms
        return "cleared"

    def rest(self) -> None:
        """After it was told that it is cleared."""
        self.since_ms = self.raised_ms = None
