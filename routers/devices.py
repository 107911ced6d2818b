"""All devices."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.answers import caching, etag_of, is_current, json_answer, not_modified
from api.device_list import device_list
from api.engine import EngineDep, ManagersDep
from api.history import DeviceId
from api.quality import quality_answer
from api.quality_query import QualityQuery
from schemas import DeviceList, QualityAnswer

router = APIRouter(tags=["devices"])


@router.get("/devices", response_model=DeviceList)
async def devices(request: Request, engine: EngineDep, managers: ManagersDep) -> Response:
    """All devices, with what each has of every topic."""
    etag = etag_of(managers.store, "devices")
    if is_current(request, etag):
        return not_modified(etag)
    answer = json_answer(await engine.run(device_list, managers))
    answer.headers.update(caching(etag))
    return answer


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
