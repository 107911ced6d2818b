"""What a client asks of the coverage and the quality of a device, checked before anything is read."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field

from api.series_query import named_signals
from api.spans import Date, End, Start, span_of
from api.times import rfc3339
from bessline.errors import BadParameter, NotKnown
from bessline.quality.report import Asked
from bessline.signals import BESS_TOPICS, TOPICS
from bessline.store import Store

STUCK_HOURS = 12.0
_LONGEST = 64


class CoverageQuery(BaseModel):
    """The parameters of the coverage; any other name is refused."""

    model_config = ConfigDict(extra="forbid")

    signals: Annotated[
        str | None,
        Field(
            description="topics (cells), signals (bms.soc) or fields, with commas between; all but cells where absent"
        ),
    ] = None
    start: Start = None
    end: End = None
    date: Date = None

    def stuck_s(self) -> float | None:
        """How long the same value is no wonder; None: not asked."""
        return None

    def link(self, what: Asked, start_ms: int) -> str:
        """The query of the page that begins at `start_ms`."""
        said = self.model_dump(exclude_none=True, exclude_defaults=True, exclude={"date", "start", "end"})
        said["start"] = rfc3339(start_ms)
        if what.end_ms is not None:
            said["end"] = rfc3339(what.end_ms)
        return urlencode(said)


class QualityQuery(CoverageQuery):
    """The parameters of the quality."""

    stuck_hours: Annotated[
        float,
        Field(
            ge=0.1,
            le=8760,
            description="hours from 0.1 to 8760: the same value (but zero) for so long, and for longer than the "
            "signal rests by habit, is stuck",
        ),
    ] = STUCK_HOURS

    def stuck_s(self) -> float | None:
        return self.stuck_hours * 3600


def asked(query: CoverageQuery, store: Store, device_id: str, *, bess_only: bool) -> Asked:
    """What to look at. `bess_only`: the signals of a storage unit alone.

    Raises
    ------
    NotKnown, BadParameter
    """
    if device_id not in store.devices:
        raise NotKnown("device", device_id[:_LONGEST], known=store.devices)
    start_ms, end_ms = span_of(query, _zone(store.devices[device_id].timezone))
    names = _names(query.signals, store, device_id, bess_only=bess_only)
    return Asked(device_id, names, start_ms, end_ms, query.stuck_s())


def _names(text: str | None, store: Store, device_id: str, *, bess_only: bool) -> tuple[str, ...]:
    device = store.devices[device_id]
    if text is None:
        left_out = ("cells", *(topic for topic in TOPICS if bess_only and topic not in BESS_TOPICS))
        return tuple(name for name in device.signals if name.partition(".")[0] not in left_out)
    found: list[str] = []
    for part in text.split(","):
        topic = [f"{part.strip()}.{field}" for field in device.fields(part.strip())]
        found += topic or named_signals(part, [device_id], store)
    return tuple(dict.fromkeys(found))


def _zone(timezone: str | None) -> str | None:
    try:
        ZoneInfo(timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise BadParameter(
            "device_id", f"the zone {timezone!r} of this device is unknown here, so it has no days"
        ) from None
    return timezone
