"""Series for charts, as an answer: columns in JSON, or an Arrow stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON, VARY, caching, encode, etag_of, is_current, not_modified
from api.compression import encoding_of
from api.packed import packed
from api.preference import preferred
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
    arrow = query.format == "arrow" or (query.format is None and _likes_arrow(request))
    encoding = "identity" if arrow else encoding_of(request)
    for _ in range(_ATTEMPTS):
        wanted = wishes(query, store)
        version = _version(store, wanted)
        etag = etag_of(store, "series", arrow, encoding, *wanted, version=version)
        if is_current(request, etag):
            return not_modified(etag, vary=VARY)
        found = [(wish, series(store, wish)) for wish in wanted]
        if _version(store, wanted) == version:
            break
    headers = caching(etag, vary=VARY)
    if arrow:
        return Response(arrow_stream(found), headers=headers, media_type=ARROW)
    return packed(encode(_body(query, found)), media_type=JSON, encoding=encoding, headers=headers)


def _likes_arrow(request: Request) -> bool:
    return preferred(request.headers.get("accept", ""), (JSON, ARROW)) == 1


def _version(store: Store, wanted: Sequence[Wish]) -> str:
    """Another one when rows in these ranges may have changed, or what is expected of the signals has."""
    parts = {store.version_of(wish.device_id, wish.end_ms): None for wish in wanted}
    entries = (store.devices[wish.device_id].signals[wish.name] for wish in wanted)
    return " ".join([*parts, *(f"{entry.start_ms} {entry.period_s} {entry.hold_s}" for entry in entries)])


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
    if drawn.total is not None:
        said["sum"] = drawn.total
    if wish.zone is not None:
        said["timezone"] = wish.zone
    return said


def _column(values: Float64, *, flag: bool) -> Float64 | list[int | None]:
    """As it is encoded: flags are whole numbers, a NaN becomes null."""
    return [None if value != value else int(value) for value in values.tolist()] if flag else values
