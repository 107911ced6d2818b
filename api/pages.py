"""Files of the page, each under a policy that lets it load nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).resolve().parent.parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # a new version must not meet scripts of the old one
    "Cache-Control": "no-cache",
}
# redoc fills an empty style element by script, and writes one fixed sheet; both are let in by their hashes alone
REDOC_POLICY = POLICY.replace(
    "style-src 'self'",
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)
_files = StaticFiles(directory=STATIC, check_dir=False)


async def page(name: str, scope: Scope) -> Response:
    """The file `name` of the folder ``static``, or 404."""
    try:
        answer = await _files.get_response(name, scope)
    except HTTPException as error:
        raise HTTPException(404 if error.status_code == 401 else error.status_code) from None
    answer.headers.update(HEADERS)
    if scope["path"].endswith("/redoc"):
        answer.headers["Content-Security-Policy"] = REDOC_POLICY
    return answer
