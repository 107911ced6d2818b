"""What a fault may do to the plant, and what the truth says of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bessline.demo.drive import Drive
from bessline.demo.plant import DAY_S, STEP_S, STEPS, Plant, Unit, random_for, utc_text
from bessline.demo.site import SiteDay
from bessline.sources.base import Float64, Int64

#: The first local day (counted from 0) that a fault may disturb: before it a plant shows how it usually is.
FIRST_DAY = 3
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class FaultWindow:
    """One fault that happened: how large, where, and from `start_s` to `end_s`, in seconds from the plant's start."""

    kind: str
    size: dict[str, float | str]
    where: dict[str, str]
    start_s: int
    end_s: int

    def as_json(self) -> dict[str, object]:
        """The window as it stands in truth.json, half-open, in UTC."""
        span = {"start": utc_text(self.start_s), "end": utc_text(self.end_s)}
        return {"kind": self.kind, "size": self.size, "where": self.where, **span}


class Fault(ABC):
    """One kind of fault at its place in a plant. Each hook gets what would be without it and gives back what is.

    The place (device, cell, hour) comes from the plant's seed. A fault overrides `windows` and the hooks it needs. One
    whose device or time the plant does not have does nothing and has no window.
    """

    name: ClassVar[str]
    #: Seconds from the plant's start that a span must have for the fault to happen. Without a place: never.
    needs_s: float = float("inf")

    @abstractmethod
    def __init__(self, plant: Plant, *, first_day: int = FIRST_DAY) -> None:
        """Find its place in `plant`, not before the local day `first_day`."""

    @abstractmethod
    def windows(self) -> tuple[FaultWindow, ...]:
        """When and where it happens."""

    def alter(self, unit: Unit) -> Unit:
        """How the unit was built."""
        return unit

    def drive(self, drive: Drive, *, unit: Unit, day: int) -> Drive:
        """What moves the unit on local day number `day`."""
        return drive

    def site(self, site: SiteDay, *, day: int) -> SiteDay:
        """What the site consumes and gives on that day."""
        return site

    def observe(self, value: Float64, *, device_id: str, stem: str, t_s: Int64) -> Float64:
        """What a sensor says at `t_s` (int64[n], seconds from the plant's start), before rounding."""
        return value

    def hidden(self, device_id: str, *, stem: str) -> tuple[tuple[int, int], ...]:
        """Stretches ``[start, end)`` in seconds from the plant's start in which a signal has no rows."""
        return ()


def fault_random(plant: Plant, name: str) -> np.random.Generator:
    """The random numbers from which the fault `name` takes its place: the same whatever the span and other faults."""
    return random_for(plant.seed, "fault", name)


def step_times(day: int) -> Float64:
    """Middle of each step of local day number `day`, in seconds from the plant's start: float64[STEPS]."""
    return np.arange(STEPS, dtype=np.float64) * STEP_S + (day * DAY_S + STEP_S / 2)
