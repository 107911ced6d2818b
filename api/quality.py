"""Coverage and quality of a device as an answer: signals, and their days, a page at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON, caching, encode, etag_of, is_current, not_modified
from api.compression import encoding_of
from api.packed import packed
from api.quality_query import CoverageQuery, asked
from api.times import rfc3339
from bessline.quality.days import Day
from bessline.quality.losses import Losses, losses
from bessline.quality.report import Asked, Page, SignalDay, page
from bessline.quality.spans import Spans
from bessline.store import Store
from bessline.store.readings import stamps

#: Of each kind of finding as many are listed for a day; the others are counted.
MOST_LISTED = 50
_VARY = "Accept-Encoding"


def quality_answer(
    request: Request, query: CoverageQuery, store: Store, device_id: str, *, bess_only: bool = False
) -> Response:
    """The answer to `query`. Blocks: for a reading thread."""
    what = asked(query, store, device_id, bess_only=bess_only)
    encoding = encoding_of(request)
    etag = etag_of(store, "quality", encoding, what)
    if is_current(request, etag):
        return not_modified(etag, vary=_VARY)
    found = page(store, what)
    headers = caching(etag, vary=_VARY)
    body = {
        "device_id": device_id,
        "timezone": store.devices[device_id].timezone,
        "next_start": None if found.next_ms is None else rfc3339(found.next_ms),
        "signals": {name: _signal(store, what, name, found) for name in what.names},
    }
    if found.next_ms is not None:
        headers["Link"] = f'<{request.scope["path"]}?{query.link(what, found.next_ms)}>; rel="next"'
    return packed(encode(body), media_type=JSON, encoding=encoding, headers=headers)


def _signal(store: Store, what: Asked, name: str, found: Page) -> dict[str, Any]:
    entry = store.devices[what.device_id].signals[name]
    said: dict[str, Any] = {"period_s": entry.period_s}
    if "raw" in entry.kept_from:
        said["kept_from"] = rfc3339(entry.kept_from["raw"])
    lost = None
    if what.stuck_s is not None:
        lost = losses(store, what.device_id, name, timezone=store.devices[what.device_id].timezone)
        said["ingest"] = {
            "rows": lost.rows,
            "duplicates": lost.duplicates,
            "replaced": lost.replaced,
            "rejected": lost.rejected,
            "shared_files": lost.shared,
        }
    days = zip(found.days, found.signals[name], strict=True)
    return {**said, "days": [_day(day, signal, lost) for day, signal in days]}


def _day(day: Day, signal: SignalDay, lost: Losses | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "date": day.date.isoformat(),
        "expected": signal.expected,
        "present": signal.present,
        "coverage": round(min(1.0, signal.present / signal.expected), 6) if signal.expected else None,
        "first": None if signal.first_ms is None else rfc3339(signal.first_ms),
        "last": None if signal.last_ms is None else rfc3339(signal.last_ms),
        "gap_s": float((signal.gaps.last_ms - signal.gaps.first_ms).sum() / 1000),
        "gaps": _listed(signal.gaps),
        "omitted": sum(max(0, len(spans) - MOST_LISTED) for spans in (signal.gaps, *signal.findings.values())),
    }
    if lost is not None:
        said["replaced"] = None if lost.replaced_on is None else lost.replaced_on[day.date]
        said["rejected"] = None if lost.rejected_on is None else lost.rejected_on[day.date]
        said |= {check: _listed(spans) for check, spans in signal.findings.items()}
    return said


def _listed(spans: Spans) -> list[dict[str, Any]]:
    first, last = stamps(spans.first_ms[:MOST_LISTED]), stamps(spans.last_ms[:MOST_LISTED])
    found = [{"from": begin, "to": end} for begin, end in zip(first, last, strict=True)]
    for span, values, value in zip(found, spans.values.tolist(), spans.value.tolist(), strict=False):
        if not np.isnan(value):
            span |= {"values": values, "value": value}
    return found
