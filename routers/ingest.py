"""Live input: rows that a plant sends, durable before they are acknowledged."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.engine import EngineDep
from api.ingestion import take_in
from schemas import TakenIn, ingest_body

router = APIRouter(prefix="/ingest", tags=["ingest"])


@router.post("/{device_id}/{topic}", response_model=TakenIn, openapi_extra=ingest_body())
async def post_rows(
    request: Request,
    engine: EngineDep,
    device_id: Annotated[str, Path(description="name of a device; one that is new begins with its first row")],
    topic: Annotated[str, Path(description="bms, pcs, aux, env, safety, meter, cells or unclassified")],
    rows: Annotated[
        Literal["whole", "sparse"],
        Query(description="whole: each row is a reading; sparse: values of single signals, aligned on a grid"),
    ] = "whole",
    timezone: Annotated[
        str | None, Query(description="zone of the local days of a device that has none, as Europe/Berlin")
    ] = None,
) -> Response:
    """Take in readings: all of a request or nothing. A 200 means that they survive a crash.

    `rows` counts for a topic that is new; a known one keeps its own stamps, or its grid.
    """
    return await take_in(request, engine, device_id=device_id, topic=topic, whole_rows=rows == "whole", zone=timezone)
