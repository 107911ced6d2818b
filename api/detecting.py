"""A request of detection and what is answered to it."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.answers import JSON
from api.detection import Refused
from api.detection_worker import Outcome, WorkerLost
from api.engine import Engine
from api.problems import problem

_RETRY_S = {"Retry-After": "10"}
_COME_AGAIN = (429, 503, 507)
log = structlog.get_logger()


async def detected(request: Request, engine: Engine) -> Response:
    """Answer a POST to /anomalies/detect."""
    store = engine.ready().store.path
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        # any other type could be sent by a foreign page without asking first
        return problem(request.scope, 415, f"send Content-Type {JSON}")
    length = request.headers.get("content-length", "")
    try:
        said = int(length) if length.isdigit() else None
        outcome = await engine.detection.outcome(request.stream(), store, length=said)
    except ClientDisconnect:
        outcome = Outcome(422, detail="the body ended early", errors=[{"loc": ["body"], "msg": "the body ended early"}])
    except Refused as error:
        outcome = Outcome(error.status, detail=str(error))
    except WorkerLost as error:
        log.error("detection was lost", reason=str(error))
        detail = f"the process that detects was lost ({error}); it is replaced, send the request again"
        outcome = Outcome(503, detail=detail)
    return _answered(request, outcome)


def _answered(request: Request, outcome: Outcome) -> Response:
    if outcome.status == 200:
        return Response(outcome.body, media_type=JSON)
    headers = _RETRY_S if outcome.status in _COME_AGAIN else None
    members: dict[int, dict[str, Any]] = {404: {"matches": outcome.matches}, 422: {"errors": outcome.errors}}
    return problem(request.scope, outcome.status, outcome.detail, headers=headers, **members.get(outcome.status, {}))
