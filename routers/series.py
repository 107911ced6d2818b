"""Series for charts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.engine import EngineDep, ManagersDep
from api.series import series_answer
from api.series_arrow import ARROW
from api.series_query import SeriesQuery
from schemas import SeriesAnswer

router = APIRouter(tags=["series"])

_ARROW = {
    "content": {ARROW: {"schema": {"type": "string", "format": "binary"}}},
    "description": "a row each point: device_id, signal, resolution, drawn, t, v, min, max, sum",
}


@router.get("/series", response_model=SeriesAnswer, responses={200: _ARROW})
async def series(
    request: Request, query: Annotated[SeriesQuery, Query()], engine: EngineDep, managers: ManagersDep
) -> Response:
    """Signals over any span in at most max_points points each: spikes are kept, gaps are broken by a null."""
    return await engine.run(series_answer, request, query, managers.store)
