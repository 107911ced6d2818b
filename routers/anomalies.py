"""Anomalies of a whole table at once, sent along or stored."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.detecting import detected
from api.engine import EngineDep
from schemas import Detected, detect_body

router = APIRouter(tags=["analytics"])


@router.post("/anomalies/detect", response_model=Detected, openapi_extra=detect_body())
@router.post("/api/v1/anomalies/detect", response_model=Detected, openapi_extra=detect_body())
async def detect_anomalies(request: Request, engine: EngineDep) -> Response:
    """Score every row by an Isolation Forest that did not see it, and say of those that stand out why.

    Send rows in `data`, or name a stored history by `device_id`, `start` and `end`.
    """
    return await detected(request, engine)
