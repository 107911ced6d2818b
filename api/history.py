"""Batch history of one topic: `add_history(router, topic)` gives a resource its devices and its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.answers import VARY, encode, etag_of, is_current, not_modified
from api.byte_range import part_headers
from api.chosen_format import addressed, chosen_format
from api.compression import SMALLEST, compressed, encoding_of
from api.device_list import devices_answer
from api.engine import EngineDep, ManagersDep
from api.export_answer import described, export_answer
from api.history_query import HistoryQuery, Wanted, wanted
from api.times import rfc3339
from bessline.errors import NotKnown
from bessline.formats import FORMATS, encoded, json_rows
from bessline.managers import DataManager, Managers, Readings
from bessline.sources.described import DEVICE_ID
from schemas import DeviceList, page_model

_SHOWN = 64
#: A page is read again when rows came meanwhile; where they come all the time, each part of it is true by itself.
_ATTEMPTS = 5
#: Topics with a list of their own; of the others `GET /devices` tells.
_LISTED = ("bms", "pcs", "meter")

#: In the other formats it is rows alone, a page of them or the whole range.
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            found.media_types[0]: {"schema": {"type": "string", "format": "binary"}}
            for found in FORMATS.values()
            if found.encoder is not None
        }
    },
    206: {"description": "the part that Range asks for"},
    304: {"description": "what If-None-Match names is current"},
}
DeviceId = Annotated[str, Path(description="name of a device, as GET /devices lists it")]


def add_history(router: APIRouter, topic: str) -> None:
    """Give `router` the history of `topic`."""

    async def devices(request: Request, engine: EngineDep, managers: ManagersDep) -> Response:
        return await engine.run(devices_answer, request, managers, topic=topic)

    async def history(
        request: Request,
        device_id: DeviceId,
        query: Annotated[HistoryQuery, Query()],
        engine: EngineDep,
        managers: ManagersDep,
    ) -> Response:
        device_id, suffix = addressed(managers[topic], device_id)
        manager = known(managers, topic, device_id)
        asked = wanted(query, manager, device_id, format=chosen_format(request, query.format, suffix))
        if asked.whole:
            return await export_answer(request, engine, manager, asked)
        return await engine.run(_answer, request, manager, asked)

    if topic in _LISTED:
        summary = f"The devices that have {topic} readings"
        router.add_api_route("/devices", devices, methods=["GET"], response_model=DeviceList, summary=summary)
    router.add_api_route(
        "/{device_id}",
        history,
        methods=["GET"],
        response_model=page_model(topic),
        responses=RESPONSES,
        summary=f"The {topic} readings of one device, by page",
    )


def known(managers: Managers, topic: str, device_id: str) -> DataManager:
    """The manager of `topic`, for a device that has it; else `NotKnown` with the names near to it."""
    manager = managers[topic]
    if not DEVICE_ID.fullmatch(device_id):
        raise NotKnown(f"{topic} device", device_id[:_SHOWN], known=manager.devices())
    manager.timeline(device_id)
    return manager


def _answer(request: Request, manager: DataManager, asked: Wanted) -> Response:
    """Blocks: for a reading thread."""
    store, cursor = manager.store, asked.cursor
    encoding = encoding_of(request) if asked.format.text else "identity"
    for _ in range(_ATTEMPTS):
        version = store.version_of(cursor.device_id, cursor.end_ms)
        etag = etag_of(store, *asked.key(), encoding, version=version)
        if is_current(request, etag):
            return not_modified(etag, vary=VARY)
        page = _page(manager, asked)
        if store.version_of(cursor.device_id, cursor.end_ms) == version:
            break
    body = page.encode(asked)
    if len(body) < SMALLEST:
        encoding = "identity"
    headers = described(asked, etag, encoding)
    if page.next_cursor is not None:
        headers["Link"] = f'<{request.scope["path"]}?{asked.link(page.next_cursor)}>; rel="next"'
    body = compressed(body, encoding)
    if asked.format.text:
        return Response(body, headers=headers)
    start, stop, more = part_headers(request, len(body), etag)
    return Response(body[start:stop], 206 if "Content-Range" in more else 200, headers=headers | more)


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows of a range of `total` rows, from `skip` on."""

    readings: Readings
    total: int
    skip: int
    next_cursor: str | None
    tail_cursor: str | None
    kept_from_ms: int | None = None

    def encode(self, asked: Wanted) -> bytes:
        """The page in the format asked for; in all but JSON it is its rows alone."""
        readings = self.readings
        if asked.format.encoder is not None:
            fields = tuple(readings.columns)
            return b"".join(encoded(asked.format, [readings], topic=readings.topic, fields=fields, ages=asked.ages))
        head: dict[str, Any] = {
            "device_id": readings.device_id,
            "total_records": self.total,
            "batch_size": asked.batch_size,
            "skip": self.skip,
            "next_cursor": self.next_cursor,
        }
        if self.tail_cursor is not None:
            head["tail_cursor"] = self.tail_cursor
        if self.kept_from_ms is not None:
            head["kept_from"] = rfc3339(self.kept_from_ms)
        return encode(head)[:-1] + b',"data":' + json_rows(readings) + b"}"


def _page(manager: DataManager, asked: Wanted) -> _Page:
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
    kept_ms = manager.kept_from_ms(device_id)
    if kept_ms is not None and cursor.start_ms is not None and cursor.start_ms >= kept_ms:
        kept_ms = None
    if len(readings) and skip + len(readings) < total:
        return _Page(readings, total, skip, asked.after(int(readings.t_ms[-1])).write(store_id), None, kept_ms)
    tail = asked.after(_last_ms(manager, asked, readings, total=total))
    return _Page(readings, total, skip, None, tail.write(store_id), kept_ms)


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
