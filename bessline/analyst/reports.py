"""What the analyst's process is told, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bessline.analyst.log import KEPT
from bessline.analytics.base import Options


@dataclass(frozen=True, slots=True)
class Order:
    """What to analyse: the store in folder `store`, into the database `file`; `kept` events of each name of a device.

    `options` are those of the methods.
    """

    store: Path
    file: Path
    kept: int = KEPT
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the analytics of a device are: up to `upto_ms` of `last_ms` (data time), after so many `readings`.

    `upto_ms` is None before the first, which is stamped `first_ms`. `begun_anew` says why what was known before does
    not count, None where it does.
    """

    upto_ms: int | None
    last_ms: int | None
    readings: int
    begun_anew: str | None = None
    first_ms: int | None = None

    @property
    def behind_ms(self) -> int:
        """Data time that is still to be seen."""
        seen_ms = self.first_ms if self.upto_ms is None else self.upto_ms
        if self.last_ms is None or seen_ms is None:
            return 0
        return max(0, self.last_ms - seen_ms)


@dataclass(frozen=True, slots=True)
class Report:
    """Where the process stands: by device, and the number of the log's last event that it knows."""

    standings: dict[str, Standing]
    last_seq: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of the process for the log."""

    level: int
    text: str
