"""What a client asks of `/series`: signals of devices over a span, checked before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.spans import End, Start, range_of
from bessline.errors import BadParameter, NotKnown, SourceError
from bessline.sources import check_zone
from bessline.store import Store
from bessline.store.manifest import DeviceEntry
from bessline.store.series import Resolution, Wish
from bessline.store.thinning import FEWEST

POINTS, MOST_POINTS = 2000, 100_000
#: Points of all signals together that one answer may hold.
MOST_TOGETHER = 1_000_000
FORMATS = ("json", "arrow")
#: Stands for the zone of each device.
DEVICE = "device"
_LOCAL = ("1h", "1d")
_LONGEST = 64
#: The names of all zones are read from the disk each time.
_checked_zone = cache(check_zone)
_NAMES = "names with commas between"


class SeriesQuery(BaseModel):
    """The parameters of `/series`; any other name is refused."""

    model_config = ConfigDict(extra="forbid")

    device_id: Annotated[str, Field(description=f"devices: {_NAMES}")]
    signals: Annotated[
        str,
        Field(
            description=f"signals: {_NAMES}, as topic.field (bms.soc, cells.p3_v17), "
            "or the field alone where only one topic has it"
        ),
    ]
    start: Start = None
    end: End = None
    max_points: Annotated[
        int,
        Field(
            ge=FEWEST,
            le=MOST_POINTS,
            description=f"a whole number from {FEWEST} to {MOST_POINTS}: values of each signal; "
            "nulls in gaps come on top",
        ),
    ] = POINTS
    resolution: Annotated[
        Resolution,
        Field(
            description="auto, raw, 5min, 15min, 1h or 1d: auto and raw draw real samples at their own stamps, "
            "a level that is named gives its buckets"
        ),
    ] = "auto"
    timezone: Annotated[
        str | None,
        Field(
            description="with resolution=1h or 1d: hours and days of this IANA zone (Europe/Berlin), or of the zone of "
            "each device (device); where absent those of UTC"
        ),
    ] = None
    format: Annotated[
        Literal["json", "arrow"] | None, Field(description="json or arrow; where absent, what Accept asks for")
    ] = None


def wishes(query: SeriesQuery, store: Store) -> list[Wish]:
    """What to read, device by device. A signal that only some of the devices have is read of those.

    Raises
    ------
    NotKnown, BadParameter
    """
    start_ms, end_ms = range_of(query)
    devices = _devices(query.device_id, store)
    names = named_signals(query.signals, devices, store)
    pairs = [(device_id, name) for device_id in devices for name in names if name in store.devices[device_id].signals]
    if len(pairs) * query.max_points > MOST_TOGETHER:
        raise BadParameter(
            "max_points",
            f"{len(pairs)} series of {query.max_points} points are more than {MOST_TOGETHER} together; "
            f"write max_points={max(FEWEST, MOST_TOGETHER // len(pairs))} or less, or ask for fewer signals",
        )
    zones = {device_id: _zone(query, store.devices[device_id]) for device_id in devices}
    return [
        Wish(device_id, name, start_ms, end_ms, query.max_points, query.resolution, zones[device_id])
        for device_id, name in pairs
    ]


def _zone(query: SeriesQuery, device: DeviceEntry) -> str | None:
    """The zone whose hours or days are asked for."""
    if query.timezone is None:
        return None
    if query.resolution not in _LOCAL:
        raise BadParameter("timezone", f"only hours and days have a timezone; write resolution={' or '.join(_LOCAL)}")
    if query.timezone == DEVICE:
        return device.timezone or "UTC"
    try:
        return _checked_zone(query.timezone)
    except SourceError as error:
        raise BadParameter("timezone", f"{error.reason} ({DEVICE} is each device's own)") from None


def _names(parameter: str, text: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in text.split(",")))
    if "" in names:
        raise BadParameter(parameter, f"{parameter} holds an empty name; write {_NAMES}, as in {parameter}=a,b")
    return names


def _devices(text: str, store: Store) -> list[str]:
    for name in (names := _names("device_id", text)):
        if name not in store.devices:
            raise NotKnown("device", name[:_LONGEST], known=store.devices)
    return names


def named_signals(text: str, devices: Sequence[str], store: Store) -> list[str]:
    """The stored names that `text` lists, each of which at least one of the devices has.

    Raises
    ------
    NotKnown, BadParameter
    """
    known = list(dict.fromkeys(name for device_id in devices for name in store.devices[device_id].signals))
    stored = frozenset(known)
    return list(dict.fromkeys(name if name in stored else _whole(name, known) for name in _names("signals", text)))


def _whole(field: str, known: Sequence[str]) -> str:
    """The one stored name with this field."""
    found = [name for name in known if name.partition(".")[2] == field]
    if len(found) > 1:
        raise BadParameter("signals", f"{field!r} is in several topics; write {' or '.join(sorted(found))}")
    if not found:
        near = known if "." in field else [name.partition(".")[2] for name in known]
        raise NotKnown("signal", field[:_LONGEST], known=near)
    return found[0]
