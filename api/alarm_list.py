"""The open alarms of all devices, and their acknowledgement."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.analysis import Analysis
from api.analytics import OFF
from api.answers import JSON, caching, encode, etag_of, is_current, json_answer, not_modified
from api.engine import Engine
from api.times import rfc3339
from bessline.analyst.alarm_book import Acknowledgement
from bessline.errors import NotKnown
from bessline.managers import Managers
from schemas import AckRequest


def open_alarms(request: Request, engine: Engine, managers: Managers) -> Response:
    """Blocks: for a reading thread."""
    analysis = engine.analysis
    etag = etag_of(managers.store, "alarms", "off" if analysis is None else analysis.events.version())
    if is_current(request, etag):
        return not_modified(etag)
    found: list[dict[str, Any]] = [] if analysis is None else analysis.alarms.open()
    body = {"alarms": found, "evidence": OFF if analysis is None else None}
    return Response(encode(body), headers=caching(etag), media_type=JSON)


def acknowledge(engine: Engine, managers: Managers, alarm_id: str, said: AckRequest) -> Response:
    """Blocks: for a reading thread."""
    engine.ready()
    analysis = engine.analysis
    if analysis is None:
        raise NotKnown("alarm", alarm_id, known=())
    device_id = analysis.alarms.device_of(alarm_id)
    at_ms = 0 if device_id is None else _now_ms(engine, analysis, device_id)
    at = rfc3339(round(time.time() * 1000))
    shown = analysis.alarms.acknowledge(alarm_id, Acknowledgement(at, said.by, said.comment), at_ms=at_ms)
    analysis.learn_soon()
    return json_answer(shown)


def _now_ms(engine: Engine, analysis: Analysis, device_id: str) -> int:
    """The data time of what the device's streams show now."""
    now_ms = None if engine.live is None else engine.live.now_ms(device_id)
    if now_ms is not None:
        return now_ms
    saved = analysis.log.saved(device_id)
    return 0 if saved is None else saved.upto_ms
