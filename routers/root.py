"""The front door: a list of links for a program, the page for a person."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.answers import json_answer
from bessline import __version__
from schemas import Index

router = APIRouter(tags=["root"])

LINKS = {
    "dashboard": "/dashboard/",
    "devices": "/devices",
    "signals": "/signals",
    "bms_devices": "/bms/devices",
    "pcs_devices": "/pcs/devices",
    "meter_devices": "/meters/devices",
    **{name: f"/{name}/{{device_id}}" for name in ("bms", "pcs", "meters", "aux", "env", "safety", "bess")},
    **{f"{name}_stream": f"/{name}/{{device_id}}/stream" for name in ("bms", "pcs", "meters", "bess")},
    **{f"{name}_stream": f"/{name}/{{device_id}}/stream" for name in ("aux", "env", "safety")},
    "series": "/series",
    "coverage": "/bess/{device_id}/coverage",
    "quality": "/devices/{device_id}/quality",
    "stream": "/stream",
    "analytics": "/analytics/{device_id}",
    **{name: f"/analytics/{{device_id}}/{name}" for name in ("anomalies", "forecasts", "degradation")},
    "alarms_of_device": "/analytics/{device_id}/alarms",
    "alarms": "/alarms",
    "acknowledge": "/alarms/{alarm_id}/ack",
    "detect": "/anomalies/detect",
    "detect_v1": "/api/v1/anomalies/detect",
    "ingest": "/ingest/{device_id}/{topic}",
    "livez": "/livez",
    "readyz": "/readyz",
    "metrics": "/metrics",
    "docs": "/docs",
    "redoc": "/redoc",
    "openapi": "/openapi.json",
}


@router.get("/", response_model=Index, responses={307: {"description": "to the dashboard, for Accept: text/html"}})
async def root(request: Request) -> Response:
    """What there is. A browser is sent to the dashboard."""
    if _is_person(request.headers.get("accept", "")):
        answer: Response = RedirectResponse(LINKS["dashboard"], 307)
    else:
        answer = json_answer({"name": "bessline", "version": __version__, "links": LINKS})
    answer.headers["Vary"] = "Accept"
    return answer


def _is_person(accept: str) -> bool:
    """Whether HTML is asked for, and not JSON before it."""
    html, json = accept.find("text/html"), accept.find("application/json")
    return html >= 0 and not 0 <= json < html
