"""All devices."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answers import caching, etag_of, is_current, json_answer, not_modified
from api.device_list import device_list
from api.engine import EngineDep, ManagersDep
from schemas import DeviceList

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
