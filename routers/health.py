"""Whether the server lives, whether it is ready, and its figures."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from api.analysis_health import analysis_health
from api.answers import json_answer
from api.engine import Engine, EngineDep, NotReady
from api.input_health import input_health
from api.problems import problem
from schemas import Alive, Health

router = APIRouter(tags=["health"])


@router.get("/livez", response_model=Alive)
async def livez() -> Response:
    """The process answers. Needs no key."""
    return json_answer({"status": "alive"})


@router.get("/readyz", response_model=Health)
async def readyz(request: Request, engine: EngineDep) -> Response:
    """Whether requests can be served, and each part by itself."""
    parts = components(engine)
    if all(part["status"] == "ready" for part in parts.values()):
        return json_answer({"status": "ready", "components": parts})
    headers = {"Retry-After": str(NotReady.retry_s)}
    failed = [f"{name}: {part['detail']}" for name, part in parts.items() if part["status"] == "failed"]
    detail = "; ".join(failed) or f"{engine.phase}: {engine.detail}"
    return problem(request.scope, 503, detail, headers=headers, components=parts)


def components(engine: Engine) -> dict[str, dict[str, str]]:
    """Each part of the server: how it is, and what that means."""
    live = "plays" if engine.live is not None else "waits for the store"
    troubles = [] if engine.live is None else engine.live.troubles()
    return {
        "store": {"status": engine.phase, "detail": _holds(engine)},
        "live": {"status": "failed" if troubles else engine.phase, "detail": "; ".join(troubles) or live},
        "ingest": input_health(engine),
        "analytics": analysis_health(engine),
    }


def _holds(engine: Engine) -> str:
    if engine.phase != "ready" or engine.managers is None:
        return engine.detail
    store = engine.managers.store
    count = len(store.devices)
    return f"{count} device{'' if count == 1 else 's'} in {store.path}"


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(engine: EngineDep) -> Response:
    """Figures for Prometheus."""
    return Response(await engine.run(generate_latest, engine.metrics), media_type=CONTENT_TYPE_LATEST)
