"""The page, and the files it is made of."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages import page

router = APIRouter(include_in_schema=False)


@router.get("/dashboard/")
async def dashboard(request: Request) -> Response:
    """The page."""
    return await page("index.html", request.scope)


@router.get("/static/{path:path}")
async def static(path: str, request: Request) -> Response:
    """A file of the page."""
    return await page(path, request.scope)
