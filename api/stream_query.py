"""What a client asks of a stream, checked before the stream starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from api.spans import check_order
from api.times import HOW_TIME
from bessline.errors import BadParameter
from bessline.live.audience import Manner
from bessline.live.ident import Id, parse
from bessline.live.ids import ReplayId
from bessline.live.resume import Missing
from bessline.live.series import Wish
from bessline.times import rfc3339

#: Resources whose name is not that of their topic.
_RESOURCES = {"meter": "meters"}


def _how(text: str) -> Any:
    return Field(description=text)


class LiveQuery(BaseModel):
    """The parameters of every stream; any other name is refused."""

    model_config = ConfigDict(extra="forbid")

    interval: Annotated[
        FiniteFloat,
        Field(
            ge=0.05,
            le=3600,
            description="seconds from 0.05 to 3600. Live: the newest of the readings in it; replay: one reading each",
        ),
    ] = 2.0
    fields: Annotated[str | None, _how("names with commas between; all where absent")] = None
    analytics: Annotated[bool, _how("true or false: include events of the analytics of this device")] = True
    start: Annotated[str | None, _how(f"a time, which makes it a private replay from there: {HOW_TIME}")] = None
    end: Annotated[str | None, _how(f"a time, before which the replay stops: {HOW_TIME}")] = None
    speed: Annotated[
        FiniteFloat | None,
        Field(ge=0, description="a number from 0: replay at this multiple of data time; 0 is as fast as you read"),
    ] = None
    max_events: Annotated[
        int | None, Field(ge=1, le=2**53, description="a whole number from 1: after so many readings comes `end`")
    ] = None
    last_event_id: Annotated[str | None, _how("the id of the last event, for who cannot send Last-Event-ID")] = None


class StreamQuery(LiveQuery):
    """The parameters of a one-topic stream."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked request. `came_back`: it brought an id; `last` is that id, None where it is none of ours."""

    device_id: str
    topic: str
    fields: tuple[str, ...]
    interval_s: float
    speed: float | None
    start_ms: int | None
    end_ms: int | None
    max_events: int | None
    came_back: bool
    last: Id | None
    fields_asked: bool = False
    analytics: bool = True

    @property
    def is_replay(self) -> bool:
        """An id beats `start`; an id that is none of ours does not count."""
        return isinstance(self.last, ReplayId) or (self.last is None and self.start_ms is not None)

    @property
    def is_over(self) -> bool:
        """The id is that of an `end`: the client wants nothing more."""
        return self.last is not None and self.last.ended


@dataclass(frozen=True, slots=True)
class LiveWanted:
    """A checked request for a live stream."""

    wishes: tuple[Wish, ...]
    manner: Manner
    max_events: int | None
    came_back: bool
    last: Id | None
    fields_asked: bool = False

    def history_of(self, wish: Wish, span: Missing) -> str:
        """The relative address of the readings of `wish` in `span`, as they would have come."""
        start_ms, end_ms = span.half_open
        query = {"start": rfc3339(start_ms), "end": rfc3339(end_ms)}
        if self.fields_asked:
            query["fields"] = ",".join(wish.fields)
        return f"/{_RESOURCES.get(wish.topic, wish.topic)}/{wish.device_id}?{urlencode(query, safe=':,')}"


def live(wanted: Wanted) -> LiveWanted:
    """The same as a request for a live stream."""
    return LiveWanted(
        wishes=(Wish(wanted.device_id, wanted.topic, wanted.fields),),
        manner=Manner(wanted.interval_s, analytics=wanted.analytics),
        max_events=wanted.max_events,
        came_back=wanted.came_back,
        last=wanted.last,
        fields_asked=wanted.fields_asked,
    )


def last_id(header: str | None, query: str | None) -> tuple[bool, Id | None]:
    """Whether there is an id, and which; the header beats the query."""
    text = header or query or ""
    return bool(text), parse(text)


def check_range(wanted: Wanted) -> None:
    """Refuse what makes no sense together."""
    check_order(wanted.start_ms, wanted.end_ms)
    if wanted.is_replay:
        return
    for name, value in (("end", wanted.end_ms), ("speed", wanted.speed)):
        if value is not None and not wanted.came_back:
            raise BadParameter(name, f"{name} belongs to a replay: give start too, such as start=2024-05-01T00:00:00Z")
