"""All devices."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.device_list import devices_answer
from api.engine import EngineDep, ManagersDep
from api.history import DeviceId
from api.quality import quality_answer
from api.quality_query import QualityQuery
from schemas import DeviceList, QualityAnswer

router = APIRouter(tags=["devices"])


@router.get("/devices", response_model=DeviceList)
async def devices(request: Request, engine: EngineDep, managers: ManagersDep) -> Response:
    """All devices, with what each has of every topic."""
    return await engine.run(devices_answer, request, managers)


@router.get("/devices/{device_id}/quality", response_model=QualityAnswer)
async def quality(
    request: Request,
    device_id: DeviceId,
    query: Annotated[QualityQuery, Query()],
    engine: EngineDep,
    managers: ManagersDep,
) -> Response:
    """What is wrong with the readings, per signal and local day: lost, stuck, out of range, spikes, interpolated."""
    return await engine.run(quality_answer, request, query, managers.store, device_id)
