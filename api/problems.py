"""Errors become RFC 9457 problem details here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from api.answers import encode
from api.byte_range import Unsatisfiable
from api.engine import NotReady
from api.exports import TooMany
from api.queries import hints_of
from bessline.errors import BadParameter, BesslineError, NotKnown, SourceError, StoreError, StoreFull

PROBLEM = "application/problem+json"
_RETRY_AFTER_S = 30
_LONGEST = 1000
_DETAILS = {
    404: "there is nothing at this path; GET / lists what there is",
    405: "this resource answers other methods; the header Allow names them",
}
log = structlog.get_logger()


def problem(
    scope: Scope,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """A problem as an answer; `members` are further ones, such as ``errors``."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail[:_LONGEST],
        "instance": quote(scope["path"][:_LONGEST], safe="/-._~:@"),
        **members,
    }
    return Response(encode(body), status, headers=headers, media_type=PROBLEM)


def install(app: FastAPI) -> None:
    """Let `app` answer every error as a problem."""
    app.add_exception_handler(BesslineError, _engine_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def status_of(error: BesslineError) -> tuple[int, int | None]:
    """The status that `error` is answered with, and after how many seconds to come back, if that helps."""
    match error:
        case NotReady():
            return 503, error.retry_s
        case TooMany():
            return 429, error.retry_s
        case NotKnown():
            return 404, None
        case BadParameter():
            return 422, None
        case Unsatisfiable():
            return 416, None
        case StoreFull():
            return 507, None
        case StoreError() | SourceError():
            return 503, _RETRY_AFTER_S
        case _:
            return 500, None


async def _engine_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, BesslineError)
    status, retry_s = status_of(error)
    headers = {} if retry_s is None else {"Retry-After": str(retry_s)}
    if isinstance(error, (StoreError, SourceError)):
        log.error("request failed", path=request.url.path, error=str(error))
    if isinstance(error, BadParameter):
        errors = [{"loc": ["query", error.name], "msg": str(error)}]
        return problem(request.scope, status, str(error), errors=errors)
    if isinstance(error, NotKnown):
        return problem(request.scope, status, str(error), matches=error.matches)
    if isinstance(error, Unsatisfiable):
        headers["Content-Range"] = f"bytes */{error.size}"
    return problem(request.scope, status, str(error), headers=headers)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    detail = _DETAILS.get(error.status_code, phrase) if error.detail == phrase else str(error.detail)
    headers = dict(error.headers or {})
    if error.status_code == 405 and "GET" in headers.get("Allow", ""):
        headers["Allow"] = "GET, HEAD"
    return problem(request.scope, error.status_code, detail, headers=headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    hints = hints_of(request)
    errors = [_said(found, hints) for found in error.errors()]
    return problem(request.scope, 422, "; ".join(found["msg"] for found in errors), errors=errors)


def _said(found: Mapping[str, Any], hints: Mapping[str, str]) -> dict[str, Any]:
    """What is wrong with one parameter and how to write it; never what pydantic calls it by itself."""
    loc: Sequence[Any] = found["loc"]
    name = str(loc[-1])
    hint = f"; write {hints[name]}" if name in hints else ""
    return {"loc": list(loc), "msg": f"{name}: {found['msg']}{hint}"}


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("unforeseen error", path=request.url.path, kind=type(error).__name__)
    return problem(request.scope, 500, "the server made a mistake; its log says which")
