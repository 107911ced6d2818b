"""The description of this interface, for programs and for people; nothing comes from the net."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.answers import json_answer
from api.pages import page

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """OpenAPI 3.1."""
    return json_answer(request.app.openapi())


@router.get("/docs")
async def swagger(request: Request) -> Response:
    """The description, to try out."""
    return await page("docs.html", request.scope)


@router.get("/redoc")
async def redoc(request: Request) -> Response:
    """The description, to read."""
    return await page("docs.html", request.scope)
