"""What the analytics of a device found, by page, and what they know now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.analysis import Analysis
from api.answers import JSON, caching, encode, etag_of, is_current, not_modified
from api.engine import Engine
from api.event_query import EventPage, EventQuery, event_page
from api.times import rfc3339
from bessline.analyst.events import Entry
from bessline.analyst.log import Known, Saved
from bessline.errors import NotKnown
from bessline.live.ids import Told
from bessline.managers import Managers
from bessline.store import Store
from bessline.store.manifest import DeviceEntry

NDJSON = "application/x-ndjson"
#: The resources, and the name of the events that each holds.
RESOURCES = {"anomalies": "anomaly", "forecasts": "forecast", "degradation": "degradation", "alarms": "alarm"}
OFF = "the analytics are off (BESSLINE_ANALYTICS=off), or cannot be kept; the log says more"
NOT_BEGUN = "the analytics have not begun with this device yet"
NO_READINGS = "this device has no reading that could be analysed"
AHEAD = "ageing is known already; the walk through the history has not come so far yet"
_SHOWN = 64


def known_device(managers: Managers, device_id: str) -> None:
    """Raise `NotKnown` for a device that the store does not have."""
    if device_id not in managers.store.devices:
        raise NotKnown("device", device_id[:_SHOWN], known=managers.store.devices)


def newest_states(request: Request, engine: Engine, managers: Managers, device_id: str) -> Response:
    """Answer what the methods know of a device. Blocks: for a reading thread."""
    known_device(managers, device_id)
    analysis = engine.analysis
    etag = etag_of(managers.store, "analytics", device_id, _version(analysis))
    if is_current(request, etag):
        return not_modified(etag)
    return Response(encode(_states(analysis, managers.store, device_id)), headers=caching(etag), media_type=JSON)


def _states(analysis: Analysis | None, store: Store, device_id: str) -> dict[str, Any]:
    if analysis is None:
        return {"device_id": device_id, **_place(None, 0, OFF), "states": {}, "newest": {}}
    saved, known = analysis.log.saved(device_id), analysis.log.ahead(device_id)
    standing = analysis.standings.get(device_id)
    anew = None if standing is None or standing.begun_anew is None else f"begun anew: {standing.begun_anew}"
    place = _standing(saved, known, store.devices.get(device_id))
    upto_ms = max(saved.upto_ms if saved else -1, known.upto_ms if known else -1)
    return {
        "device_id": device_id,
        **place,
        "evidence": "; ".join(each for each in (anew, place["evidence"]) if each) or None,
        "states": (saved.states if saved else {}) | (known.states if known else {}),
        "newest": analysis.events.newest(device_id, at_ms=upto_ms),
    }


def _standing(saved: Saved | None, known: Known | None, device: DeviceEntry | None) -> dict[str, Any]:
    """How far the analytics are, and what is missing."""
    begins = device is not None and any(entry.rows for entry in device.topics.values())
    evidence = AHEAD if known else None if saved else NOT_BEGUN if begins else NO_READINGS
    return _place(saved.upto_ms, saved.readings, evidence) if saved else _place(None, 0, evidence)


def _place(upto_ms: int | None, readings: int, evidence: str | None) -> dict[str, Any]:
    upto = None if upto_ms is None else rfc3339(upto_ms)
    return {"analysed_until": upto, "readings": readings, "evidence": evidence}


def events_of(
    request: Request, engine: Engine, managers: Managers, *, device_id: str, resource: str, query: EventQuery
) -> Response:
    """Answer a page of events. Blocks: for a reading thread."""
    known_device(managers, device_id)
    store, analysis = managers.store, engine.analysis
    device = store.devices.get(device_id)
    zone = None if device is None else device.timezone
    asked = event_page(query, device_id=device_id, name=RESOURCES[resource], store_id=store.id, timezone=zone)
    etag = etag_of(store, resource, asked, _version(analysis))
    if is_current(request, etag):
        return not_modified(etag)
    page = _page(analysis, asked, store)
    headers = caching(etag)
    if page["next_cursor"] is not None:
        link = asked.behind(_last(page["entries"])).link(store.id)
        headers["Link"] = f'<{request.scope["path"]}?{link}>; rel="next"'
    entries: list[Entry] = page.pop("entries")
    if asked.format == "ndjson":
        body = b"".join(encode(entry.data) + b"\n" for entry in entries)
        return Response(body, headers=headers, media_type=NDJSON)
    return Response(encode({**page, "data": [entry.data for entry in entries]}), headers=headers, media_type=JSON)


def _page(analysis: Analysis | None, asked: EventPage, store: Store) -> dict[str, Any]:
    if analysis is None:
        return _head(asked, total=0, skip=asked.skip, place=_place(None, 0, OFF)) | {
            "next_cursor": None,
            "tail_cursor": asked.behind(asked.after).cursor(store.id),
            "entries": [],
        }
    events, wish = analysis.events, asked.wish
    known = analysis.log.ahead(wish.device_id) if wish.name == RESOURCES["degradation"] else None
    place = _standing(analysis.log.saved(wish.device_id), known, store.devices.get(wish.device_id))
    total = events.count(wish)
    skip = events.count(wish, upto=asked.after) if asked.after is not None else asked.skip
    entries = events.page(wish, after=asked.after, skip=asked.skip, limit=asked.batch_size)
    last = _last(entries) or asked.after or _last_skipped(analysis, asked, total=total)
    cursor = asked.behind(last).cursor(store.id)
    more = bool(entries) and skip + len(entries) < total
    ends: dict[str, Any] = {"next_cursor": cursor if more else None}
    if not more:
        ends["tail_cursor"] = cursor
    return _head(asked, total=total, skip=skip, place=place) | ends | {"entries": entries}


def _head(asked: EventPage, *, total: int, skip: int, place: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "device_id": asked.wish.device_id,
        "total_records": total,
        "batch_size": asked.batch_size,
        "skip": skip,
        "analysed_until": place["analysed_until"],
        "evidence": place["evidence"],
    }


def _last(entries: list[Entry]) -> Told | None:
    return Told(entries[-1].t_ms, entries[-1].seq) if entries else None


def _last_skipped(analysis: Analysis, asked: EventPage, *, total: int) -> Told | None:
    """The place of the last event, for who has skipped over all of them."""
    if not total:
        return None
    return _last(analysis.events.page(asked.wish, skip=total - 1, limit=1))


def _version(analysis: Analysis | None) -> str:
    return "off" if analysis is None else analysis.events.version()
