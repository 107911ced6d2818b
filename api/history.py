"""Batch history of one topic: `add_history(router, topic)` gives a resource its devices and its pages."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.answers import JSON, caching, encode, etag_of, is_current, json_answer, not_modified
from api.device_list import device_list
from api.engine import EngineDep, ManagersDep
from api.history_query import HistoryQuery, Wanted, wanted
from bessline.errors import NotKnown
from bessline.managers import DataManager, Managers, Readings
from schemas import DeviceList, page_model

_DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_SHOWN = 64
#: A page is read again when rows came meanwhile; where they come all the time, each part of it is true by itself.
_ATTEMPTS = 5
#: Topics with a list of their own; of the others `GET /devices` tells.
_LISTED = ("bms", "pcs", "meter")

DeviceId = Annotated[str, Path(description="name of a device, as GET /devices lists it")]


def add_history(router: APIRouter, topic: str) -> None:
    """Give `router` the history of `topic`."""

    async def devices(engine: EngineDep, managers: ManagersDep) -> Response:
        return json_answer(await engine.run(device_list, managers, topic=topic))

    async def history(
        request: Request,
        device_id: DeviceId,
        query: Annotated[HistoryQuery, Query()],
        engine: EngineDep,
        managers: ManagersDep,
    ) -> Response:
        manager = known(managers, topic, device_id)
        asked = wanted(query, manager, device_id)
        return await engine.run(_answer, request, manager, asked)

    if topic in _LISTED:
        summary = f"The devices that have {topic} readings"
        router.add_api_route("/devices", devices, methods=["GET"], response_model=DeviceList, summary=summary)
    router.add_api_route(
        "/{device_id}",
        history,
        methods=["GET"],
        response_model=page_model(topic),
        summary=f"The {topic} readings of one device, by page",
    )


def known(managers: Managers, topic: str, device_id: str) -> DataManager:
    """The manager of `topic`, for a device that has it; else `NotKnown` with the names near to it."""
    manager = managers[topic]
    if not _DEVICE_ID.fullmatch(device_id):
        raise NotKnown(f"{topic} device", device_id[:_SHOWN], known=manager.devices())
    manager.timeline(device_id)
    return manager


def _answer(request: Request, manager: DataManager, asked: Wanted) -> Response:
    """Blocks: for a reading thread."""
    store = manager.store
    for _ in range(_ATTEMPTS):
        version = store.version
        etag = etag_of(store, *asked.key())
        if is_current(request, etag):
            return not_modified(etag)
        body = _page(manager, asked)
        if store.version == version:
            break
    headers = caching(etag)
    if body["next_cursor"] is not None:
        headers["Link"] = f'<{request.scope["path"]}?{asked.link(body["next_cursor"])}>; rel="next"'
    return Response(encode(body), headers=headers, media_type=JSON)


def _page(manager: DataManager, asked: Wanted) -> dict[str, Any]:
    cursor, store_id = asked.cursor, manager.store.id
    device_id, end_ms = cursor.device_id, cursor.end_ms
    total = manager.count(device_id, start_ms=cursor.start_ms, end_ms=end_ms)
    skip = asked.skip
    if cursor.after_ms is not None:
        skip = manager.count(device_id, start_ms=cursor.start_ms, end_ms=cursor.resume_ms)
    readings = manager.page(
        device_id,
        start_ms=cursor.start_ms,
        end_ms=end_ms,
        skip=skip,
        limit=asked.batch_size,
        fields=cursor.fields,
        ages=asked.ages,
    )
    body: dict[str, Any] = {
        "device_id": device_id,
        "total_records": total,
        "batch_size": asked.batch_size,
        "skip": skip,
        "next_cursor": None,
    }
    if len(readings) and skip + len(readings) < total:
        body["next_cursor"] = asked.after(int(readings.t_ms[-1])).write(store_id)
    else:
        body["tail_cursor"] = asked.after(_last_ms(manager, asked, readings, total=total)).write(store_id)
    body["data"] = readings.rows()
    return body


def _last_ms(manager: DataManager, asked: Wanted, readings: Readings, *, total: int) -> int | None:
    """The stamp of the last row that the client has seen or skipped over, None where the range is empty."""
    if len(readings):
        return int(readings.t_ms[-1])
    cursor = asked.cursor
    if asked.resumed or not total:
        return cursor.after_ms
    last = manager.page(
        cursor.device_id, start_ms=cursor.start_ms, end_ms=cursor.end_ms, skip=total - 1, limit=1, fields=()
    )
    return int(last.t_ms[-1]) if len(last) else None
