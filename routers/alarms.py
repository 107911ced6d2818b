"""The open alarms of all devices, and their acknowledgement."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.alarm_list import acknowledge, open_alarms
from api.engine import EngineDep, ManagersDep
from schemas import AckRequest, Alarm, AlarmList

router = APIRouter(prefix="/alarms", tags=["analytics"])


@router.get("", response_model=AlarmList, summary="The open alarms of all devices")
async def alarms(request: Request, engine: EngineDep, managers: ManagersDep) -> Response:
    """Those that are not cleared, oldest first, each with its acknowledgement, if there is one."""
    return await engine.run(open_alarms, request, engine, managers)


@router.post("/{alarm_id}/ack", response_model=Alarm, summary="Acknowledge an alarm")
async def ack(
    engine: EngineDep,
    managers: ManagersDep,
    alarm_id: Annotated[str, Path(description="id of an alarm, as GET /alarms lists it", max_length=200)],
    said: AckRequest | None = None,
) -> Response:
    """Say that somebody has seen it. Every stream of the device hears of it; saying it twice changes nothing."""
    return await engine.run(acknowledge, engine, managers, alarm_id, said or AckRequest())
