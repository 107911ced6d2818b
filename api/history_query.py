"""What a client asks of the history, checked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from api.fields import fields_among
from api.paging import Continued, Cursor, Skip
from api.spans import Date, End, Start, span_of
from bessline.errors import BadParameter
from bessline.formats import FORMATS, JSON, Format
from bessline.managers import DataManager

BATCH_SIZE = 100
LARGEST_BATCH = 10_000


class HistoryQuery(BaseModel):
    """The parameters of a page of history."""

    model_config = ConfigDict(extra="forbid")

    batch_size: Annotated[
        int | None,
        Field(
            ge=1,
            le=LARGEST_BATCH,
            description=f"a whole number from 1 to {LARGEST_BATCH}: rows in this page; where absent {BATCH_SIZE}, "
            "but in a format other than json all rows of the range",
        ),
    ] = None
    skip: Skip = None
    cursor: Continued = None
    start: Start = None
    end: End = None
    date: Date = None
    fields: Annotated[str | None, Field(description="names with commas between; all where absent")] = None
    ages: Annotated[bool, Field(description="true or false: adds ages_s, seconds since each value was observed")] = (
        False
    )
    format: Annotated[
        str | None,
        Field(
            description=f"one of {', '.join(FORMATS)}; where absent the suffix of the path says it, else Accept",
            json_schema_extra={"enum": list(FORMATS)},
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked request: a cursor (`after_ms` set or not) and how to walk on from it.

    `whole`: all rows at once, `batch_size` or not.
    """

    cursor: Cursor
    resumed: bool
    skip: int
    batch_size: int
    ages: bool
    format: Format = JSON
    whole: bool = False

    def key(self) -> tuple[object, ...]:
        """All that the answer depends on, besides the store."""
        return (self.cursor, self.resumed, self.skip, self.batch_size, self.ages, self.format.name, self.whole)

    def after(self, t_ms: int | None) -> Cursor:
        """The cursor behind the row stamped `t_ms`."""
        return replace(self.cursor, after_ms=t_ms)

    def link(self, cursor: str) -> str:
        """The query of the next page, which is as this one in all that a cursor does not carry."""
        more = {"ages": "true"} if self.ages else {}
        if self.format is not JSON:
            more["format"] = self.format.name
        return urlencode({"cursor": cursor, "batch_size": self.batch_size, **more})


def wanted(query: HistoryQuery, manager: DataManager, device_id: str, *, format: Format = JSON) -> Wanted:
    """`query` for a device that is known, answered in `format`, or `BadParameter`."""
    device = manager.store.devices.get(device_id)
    start_ms, end_ms = span_of(query, device.timezone if device else None)
    fields = fields_among(manager.fields, query.fields, what=f"{manager.topic} field {{}}")
    size, whole = query.batch_size or BATCH_SIZE, format is not JSON and query.batch_size is None
    if query.cursor is None:
        cursor = Cursor(device_id, manager.topic, start_ms, end_ms, fields, None)
        return Wanted(cursor, False, query.skip or 0, size, query.ages, format, whole)
    if query.skip is not None:
        raise BadParameter("skip", "skip and cursor exclude each other; give one of them")
    cursor = Cursor.read(query.cursor, manager.store.id, device_id=device_id, topic=manager.topic)
    _no_conflict(query, cursor, start_ms=start_ms, end_ms=end_ms, fields=fields)
    return Wanted(cursor, True, 0, size, query.ages, format, whole)


def _no_conflict(
    query: HistoryQuery,
    cursor: Cursor,
    *,
    start_ms: int | None,
    end_ms: int | None,
    fields: tuple[str, ...] | None,
) -> None:
    given = {
        "start": (query.start or query.date, start_ms, cursor.start_ms),
        "end": (query.end or query.date, end_ms, cursor.end_ms),
        "fields": (query.fields, fields, cursor.fields),
    }
    for name, (text, own, carried) in given.items():
        if text is not None and own != carried:
            named = "date" if query.date is not None and name != "fields" else name
            raise BadParameter(named, f"{named} is not what the cursor carries; leave it out, or begin without cursor")
