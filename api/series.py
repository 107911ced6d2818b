"""Series for charts, as an answer: columns in JSON, or an Arrow stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON, caching, encode, etag_of, is_current, not_modified
from api.series_arrow import ARROW, arrow_stream
from api.series_query import SeriesQuery, wishes
from api.times import parse_time, rfc3339
from bessline.signals import lookup
from bessline.sources.base import Float64
from bessline.store import Store
from bessline.store.readings import stamps
from bessline.store.series import Series, Wish, series

#: Series are read again when rows came meanwhile; where they come all the time, each of them is true by itself.
_ATTEMPTS = 5


def series_answer(request: Request, query: SeriesQuery, store: Store) -> Response:
    """The answer to `query`. Blocks: for a reading thread."""
    kind = query.format or ("arrow" if _wants_arrow(request.headers.get("accept", "")) else "json")
    for _ in range(_ATTEMPTS):
        version = store.version
        wanted = wishes(query, store)
        etag = etag_of(store, "series", kind, *wanted)
        if is_current(request, etag):
            return _vary(not_modified(etag))
        found = [(wish, series(store, wish)) for wish in wanted]
        if store.version == version:
            break
    if kind == "arrow":
        return _vary(Response(arrow_stream(found), headers=caching(etag), media_type=ARROW))
    return _vary(Response(encode(_body(query, found)), headers=caching(etag), media_type=JSON))


def _wants_arrow(accept: str) -> bool:
    """Whether an Arrow stream is asked for, and not JSON before it."""
    arrow, json = accept.find(ARROW), accept.find(JSON)
    return arrow >= 0 and not 0 <= json < arrow


def _vary(answer: Response) -> Response:
    answer.headers["Vary"] = "Accept"
    return answer


def _body(query: SeriesQuery, found: Sequence[tuple[Wish, Series]]) -> dict[str, Any]:
    start = None if query.start is None else rfc3339(parse_time("start", query.start))
    end = None if query.end is None else rfc3339(parse_time("end", query.end))
    return {
        "start": start,
        "end": end,
        "max_points": query.max_points,
        "series": [_said(wish, drawn) for wish, drawn in found],
    }


def _said(wish: Wish, drawn: Series) -> dict[str, Any]:
    topic, _, field = wish.name.partition(".")
    signal = lookup(topic, field)
    flag = signal is not None and signal.kind == "flag"
    said: dict[str, Any] = {
        "device_id": wish.device_id,
        "signal": wish.name,
        "unit": None if signal is None else signal.unit,
        "sign": None if signal is None else signal.sign,
        "resolution": drawn.resolution,
        "drawn": drawn.drawn,
        "coverage": drawn.coverage,
        "points": drawn.points,
        "t": stamps(drawn.t_ms),
        "v": _column(drawn.value, flag=flag),
    }
    if drawn.low is not None and drawn.high is not None:
        said |= {"min": _column(drawn.low, flag=flag), "max": _column(drawn.high, flag=flag)}
    return said


def _column(values: Float64, *, flag: bool) -> Float64 | list[int | None]:
    """As it is encoded: flags are whole numbers, a NaN becomes null."""
    return [None if value != value else int(value) for value in values.tolist()] if flag else values
