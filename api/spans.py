"""The stretch of time that a query asks for, by its ends or by a day or month."""

from __future__ import annotations

from typing import Annotated, Protocol

from pydantic import Field

from api.times import HOW_DATE, HOW_TIME, parse_date, parse_time
from bessline.errors import BadParameter

Span = tuple[int | None, int | None]
#: The parameters that say it.
Start = Annotated[str | None, Field(description=f"a time, the first that counts: {HOW_TIME}")]
End = Annotated[str | None, Field(description=f"a time, the first that counts no more: {HOW_TIME}")]
Date = Annotated[
    str | None, Field(description=f"a day or a month in the device's zone: {HOW_DATE}; excludes start, end")
]


class Ended(Protocol):
    """A query with the two ends of a range."""

    start: str | None
    end: str | None


class Dated(Ended, Protocol):
    """One that may name a day or a month instead."""

    date: str | None


def range_of(query: Ended) -> Span:
    """The half-open range [start, end) in ms; None is open."""
    start_ms = None if query.start is None else parse_time("start", query.start)
    end_ms = None if query.end is None else parse_time("end", query.end)
    check_order(start_ms, end_ms)
    return start_ms, end_ms


def span_of(query: Dated, timezone: str | None) -> Span:
    """The same; a date is one of `timezone`, None meaning UTC."""
    if query.date is None:
        return range_of(query)
    if query.start is not None or query.end is not None:
        raise BadParameter("date", "date excludes start and end; give date alone, or start and end")
    return parse_date(query.date, timezone)


def check_order(start_ms: int | None, end_ms: int | None) -> None:
    """Refuse a range that ends before it begins."""
    if start_ms is not None and end_ms is not None and end_ms < start_ms:
        raise BadParameter("end", "end is before start; the range is [start, end), so end must not be earlier")
