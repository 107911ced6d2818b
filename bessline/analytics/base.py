"""What every analytic is: `update` takes a reading and says what it found, `state` tells what it knows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bessline.sources.base import Float64

#: Options of methods, by the method's name: what its class takes beside the subject.
Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """The device that an analytic watches.

    Parameters
    ----------
    signals: stored names (``topic.field``; cells as ``cells.p3_v17``), in the order of every reading's values.
    period_s: the pace of the readings, in seconds of data time.
    timezone: IANA name of the plant's zone, for local days; None means UTC.
    """

    device_id: str
    signals: tuple[str, ...]
    period_s: float
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All signals of a device at one instant.

    `t_ms`: data time in milliseconds since the epoch, UTC; it only rises. `value`: float64[signals] in the catalogue's
    units, NaN where there is none. The array is shared and read-only.
    """

    t_ms: int
    value: Float64


@dataclass(frozen=True, slots=True)
class Event:
    """Something found at data time `t_ms`.

    `name` is that of the stream's event (``anomaly``, ``forecast``, ``degradation``, ``alarm``) and `data` the object
    that the contract gives it, ready for JSON: numbers are finite or None, times RFC 3339.
    """

    name: str
    t_ms: int
    data: Mapping[str, Any]


class Analytic(ABC):
    """One method, watching one device.

    Pure and deterministic: the same readings give the same events, on any machine, at any speed. Picklable: what is
    unpickled goes on as if nothing had been. Its memory is bounded, whatever it is fed, and an `update` costs the
    same at any age. It tolerates NaN, gaps and irregular steps.
    """

    #: The stream's event that it speaks by, and the key of its state in a snapshot.
    name: ClassVar[str]

    @abstractmethod
    def __init__(self, subject: Subject) -> None:
        """An analytic that knows nothing yet. Every method has its defaults; others are keyword-only."""

    @abstractmethod
    def update(self, reading: Reading) -> Sequence[Event]:
        """Take the next reading; what it shows is said at once, and never taken back."""

    def passed(self, t_ms: int) -> Sequence[Event]:
        """No reading came up to data time `t_ms` though one might have: what that alone shows, at its own time.

        What is said here is not said again by `update`, which says the same where it was not asked here before.
        """
        return ()

    @abstractmethod
    def state(self) -> Mapping[str, Any]:
        """What is known now, ready for JSON, with how far it has learned. Changes nothing."""
