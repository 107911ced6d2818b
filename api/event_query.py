"""What a client asks of the events of the analytics, checked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field

from api.history_query import BATCH_SIZE, LARGEST_BATCH
from api.paging import Continued, Skip, sealed, unsealed
from api.spans import Date, End, Start, span_of
from bessline.analyst.events import Wish
from bessline.errors import BadCursor, BadParameter
from bessline.live.ids import Told

#: Tells their cursors from those of readings, which have the same form.
_TOPIC = "analytics."
Format = Literal["json", "ndjson"]


class EventQuery(BaseModel):
    """The parameters of a page of events."""

    model_config = ConfigDict(extra="forbid")

    batch_size: Annotated[
        int, Field(ge=1, le=LARGEST_BATCH, description=f"a whole number from 1 to {LARGEST_BATCH}: events in this page")
    ] = BATCH_SIZE
    skip: Skip = None
    cursor: Continued = None
    start: Start = None
    end: End = None
    date: Date = None
    format: Annotated[Format, Field(description="json, or ndjson for an event on each line")] = "json"


@dataclass(frozen=True, slots=True)
class EventPage:
    """A checked request: which events, and from where on. `after` is the place (time, number) of the last one given."""

    wish: Wish
    batch_size: int
    skip: int
    after: Told | None
    resumed: bool
    format: Format

    def behind(self, after: Told | None) -> EventPage:
        """The page behind a place."""
        return replace(self, after=after, resumed=True, skip=0)

    def cursor(self, store_id: str) -> str:
        """As a text that continues here."""
        wish = self.wish
        after = None if self.after is None else tuple(self.after)
        body = orjson.dumps((wish.device_id, _TOPIC + wish.name, wish.start_ms, wish.end_ms, None, after))
        return sealed(body, store_id)

    def link(self, store_id: str) -> str:
        """The query of this page."""
        more = {} if self.format == "json" else {"format": self.format}
        return urlencode({"cursor": self.cursor(store_id), "batch_size": self.batch_size, **more})


def event_page(query: EventQuery, *, device_id: str, name: str, store_id: str, timezone: str | None) -> EventPage:
    """`query` for events `name` of a device that is known.

    Raises
    ------
    BadParameter
    """
    start_ms, end_ms = span_of(query, timezone)
    wish = Wish(device_id, name, start_ms, end_ms)
    if query.cursor is None:
        return EventPage(wish, query.batch_size, query.skip or 0, None, False, query.format)
    if query.skip is not None:
        raise BadParameter("skip", "skip and cursor exclude each other; give one of them")
    carried, after = _read(query.cursor, store_id)
    if (carried.device_id, carried.name) != (device_id, name):
        raise BadCursor(f"this cursor belongs to {carried.name} of {carried.device_id}; use it there")
    for key, text in (("start", query.start), ("end", query.end), ("date", query.date)):
        if text is not None and (start_ms, end_ms) != (carried.start_ms, carried.end_ms):
            raise BadParameter(key, f"{key} is not what the cursor carries; leave it out, or begin without cursor")
    return EventPage(carried, query.batch_size, 0, after, True, query.format)


def _read(text: str, store_id: str) -> tuple[Wish, Told | None]:
    found = orjson.loads(unsealed(text, store_id))
    device_id, topic, start_ms, end_ms, _, after = found
    if not topic.startswith(_TOPIC):
        raise BadCursor(f"this cursor belongs to {topic} of {device_id}; use it there")
    wish = Wish(device_id, topic.removeprefix(_TOPIC), start_ms, end_ms)
    return wish, None if after is None else Told(*after)
