"""What every detector is: `score` says how odd each of its channels is now, `explain` says it in words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

from bessline.analytics.base import Subject
from bessline.sources.base import Float64

#: A step longer than this many periods is a hole: nothing is compared across it.
HOLE_PERIODS = 3.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a channel is odd.

    `value` was seen and `expected` was not: in the catalogue's unit, None where it is no one number. `reason`: a
    sentence with numbers and units.
    """

    value: float | None
    expected: float | None
    reason: str


class Detector(ABC):
    """One way to be odd, watched on many channels at once.

    A channel is what a score is about: a stored signal (``bms.voltage``), or a cell (``cells.p3_v17``). A detector of
    single signals has those of its subject as channels; one that looks across signals names its own in `channels`,
    none if the subject lacks what it needs. Pure, deterministic, picklable, of bounded memory and of the same cost at
    every tick, whatever it is fed.
    """

    #: What an event calls it.
    name: ClassVar[str]
    #: It cannot say what it expected, so another detector explains if it is surprised as well.
    vague: ClassVar[bool] = False
    #: Whatever its channels say is of one cause.
    one_cause: ClassVar[bool] = False
    #: Its score counts how many times the usual distance it is.
    counts_usual: ClassVar[bool] = False
    #: What its scores are shares of, where that is a limit of its own, which nothing else raises.
    own_limit: ClassVar[str | None] = None
    #: Stored names, in the order of the scores.
    channels: tuple[str, ...]
    #: Those of them that are a cause by themselves, and told of beside others.
    causes: tuple[str, ...] = ()

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.channels = subject.signals
        self.period_s = subject.period_s
        self._last_ms: int | None = None

    @abstractmethod
    def score(self, t_ms: int, value: Float64) -> Float64:
        """How odd each channel is at `t_ms` (only rising), given all values of the subject, float64[signals].

        float64[channels], never negative, in any scale that keeps to itself over the years (a ratio to what is usual);
        NaN before there is evidence and where there is no value. It learns from the values too, alarm or not. The array
        is the caller's only until the next call.
        """

    @abstractmethod
    def explain(self, channel: int) -> Finding:
        """What the last `score` saw at channel number `channel`. Changes nothing."""

    def on_average(self, channel: int, times: float, *, over: str) -> Finding:
        """What `explain` says, and that `over` some time it was so many `times` the usual on average."""
        found = self.explain(channel)
        return replace(found, reason=f"{found.reason}; on average of {over} {times:.1f} times")

    def elapsed_s(self, t_ms: int) -> float:
        """Seconds of data time since the last call, one period at first, and never more than the length of a hole."""
        last, self._last_ms = self._last_ms, t_ms
        longest = HOLE_PERIODS * self.period_s
        return self.period_s if last is None else min((t_ms - last) / 1000, longest)
