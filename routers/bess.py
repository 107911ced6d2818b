"""A whole storage unit: bms, pcs, aux, env and safety on one timeline, field names prefixed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.engine import EngineDep, ManagersDep
from api.history import DeviceId, add_history, known
from api.quality import quality_answer
from api.quality_query import CoverageQuery
from api.streaming import add_stream
from schemas import CoverageAnswer

router = APIRouter(prefix="/bess", tags=["bess"])
add_history(router, "bess")
add_stream(router, "bess")


@router.get("/{device_id}/coverage", response_model=CoverageAnswer)
async def coverage(
    request: Request,
    device_id: DeviceId,
    query: Annotated[CoverageQuery, Query()],
    engine: EngineDep,
    managers: ManagersDep,
) -> Response:
    """What was expected and what is there, per signal and local day, with its gaps."""
    known(managers, "bess", device_id)
    return await engine.run(quality_answer, request, query, managers.store, device_id, bess_only=True)
