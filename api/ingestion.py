"""A request of live input: its body read within bounds, checked, kept, and what is said about it."""

from __future__ import annotations

import time

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.answers import json_answer
from api.engine import Engine, NotReady
from api.posted_rows import BadRows, Target, read_rows
from api.problems import problem
from bessline.errors import BadParameter, NotKnown, SourceError, StoreError, StoreFull, StoreLocked, StoreUnwritable
from bessline.signals import TOPICS
from bessline.sources import check_zone
from bessline.sources.described import check_device
from bessline.store.archive import rows_kept_ms
from bessline.store.batch import Batch

JSON_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
_JSON = "application/json"
_RETRY_S = "5"
_FULL = "the store's disk is full: nothing of this request was kept; send it again when there is space"
_SHOWN = 64


class TooLarge(Exception):
    """The body is larger than allowed."""


async def take_in(
    request: Request, engine: Engine, *, device_id: str, topic: str, whole_rows: bool, zone: str | None
) -> Response:
    """Answer a POST of rows."""
    inflow = engine.inflow
    engine.ready()
    if inflow is None:
        raise NotReady("live input is not ready yet")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # any other type could be sent by a foreign page without asking first
    if kind != _JSON and kind not in JSON_LINES:
        return problem(request.scope, 415, f"send Content-Type {_JSON}, or {JSON_LINES[0]} for a row on each line")
    try:
        target = _target(engine, device_id, topic, whole_rows=whole_rows, zone=zone)
        body = await _body(request, limit=engine.settings.ingest_bytes)
        batch: Batch = await engine.run(read_rows, body, target, lines=kind in JSON_LINES)
        taken = await inflow.put(batch)
    except TooLarge:
        limit = f"{engine.settings.ingest_bytes:,} bytes (BESSLINE_INGEST_BYTES)"
        return problem(request.scope, 413, f"the body is larger than {limit}; send fewer rows at once")
    except BadRows as error:
        return problem(request.scope, 422, str(error), errors=error.errors)
    except (StoreLocked, StoreUnwritable) as error:
        return problem(request.scope, 409, str(error))
    except StoreFull:
        return problem(request.scope, 507, _FULL, headers={"Retry-After": _RETRY_S})
    except StoreError as error:
        return problem(request.scope, 503, str(error), headers={"Retry-After": _RETRY_S})
    return json_answer({"accepted": batch.rows, "late": taken.late, "duplicates": taken.duplicates})


def _target(engine: Engine, device_id: str, topic: str, *, whole_rows: bool, zone: str | None) -> Target:
    try:
        check_device(device_id[: _SHOWN + 1])
    except ValueError as error:
        raise BadRows([{"loc": ["path", "device_id"], "msg": str(error)}]) from None
    if topic not in TOPICS:
        raise NotKnown("topic", topic[:_SHOWN], known=TOPICS)
    if zone is not None:
        try:
            check_zone(zone)
        except SourceError as error:
            raise BadParameter("timezone", error.reason) from None
    latest_ms = round((time.time() + engine.settings.ingest_ahead) * 1000)
    device = engine.ready().store.devices.get(device_id)
    earliest_ms = None if device is None else rows_kept_ms(device, topic)
    return Target(device_id, topic, whole_rows, zone, latest_ms, earliest_ms or 0)


async def _body(request: Request, *, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise TooLarge
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise TooLarge
            parts.append(part)
    except ClientDisconnect:
        raise BadRows([{"loc": ["body"], "msg": "the body ended early"}]) from None
    return b"".join(parts)
