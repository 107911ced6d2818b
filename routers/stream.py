"""Many devices and topics on one connection."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.engine import EngineDep
from api.many import ManyQuery, many_wanted
from api.stream_live import LiveStream
from api.streaming import RESPONSES, TurnedAway, address_of, serving

router = APIRouter(tags=["stream"])


@router.get(
    "/stream",
    response_class=Response,
    responses=RESPONSES,
    summary="A stream of readings of many devices and topics, each event named by its topic",
)
async def stream(request: Request, query: Annotated[ManyQuery, Query()], engine: EngineDep) -> Response:
    """Every tick in one piece; what was missed is told after an id as on a stream of one topic."""
    if (player := serving(engine)) is None:
        return TurnedAway()
    wanted = many_wanted(request, query, player)
    if wanted.last is not None and wanted.last.ended:
        return Response(status_code=204)
    return LiveStream(player, wanted, key=address_of(request))
