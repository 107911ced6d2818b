"""What the analytics of a device found."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.analytics import NDJSON, RESOURCES, events_of, newest_states
from api.engine import EngineDep, ManagersDep
from api.event_query import EventQuery
from api.history import DeviceId
from schemas import AnalyticsState, event_page_model

router = APIRouter(prefix="/analytics", tags=["analytics"])


@router.get("/{device_id}", response_model=AnalyticsState, summary="What the analytics know of one device now")
async def states(request: Request, device_id: DeviceId, engine: EngineDep, managers: ManagersDep) -> Response:
    """The state of every method, its newest event, and how far the history is analysed."""
    return await engine.run(newest_states, request, engine, managers, device_id)


def _add(resource: str, name: str) -> None:
    async def events(
        request: Request,
        device_id: DeviceId,
        query: Annotated[EventQuery, Query()],
        engine: EngineDep,
        managers: ManagersDep,
    ) -> Response:
        return await engine.run(
            events_of, request, engine, managers, device_id=device_id, resource=resource, query=query
        )

    router.add_api_route(
        f"/{{device_id}}/{resource}",
        events,
        methods=["GET"],
        response_model=event_page_model(name),
        responses={200: {"content": {NDJSON: {}}}},
        summary=f"The {name} events of one device, by page",
    )


for _resource, _name in RESOURCES.items():
    _add(_resource, _name)
