"""Bytes of an answer, what marks their version, and how a client asks for what it has not yet."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bessline import __version__
from bessline.store import Store

JSON = "application/json"
#: What an answer depends on whose format and encoding the client chooses.
VARY = "Accept, Accept-Encoding"
_DIGEST_BYTES = 12


def encode(body: Any) -> bytes:
    """`body` as JSON; NaN and infinities are null."""
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)


def json_answer(body: Any) -> Response:
    """`body` as an answer, past the framework's encoder."""
    return Response(encode(body), media_type=JSON)


def etag_of(store: Store, *parts: object, version: str | None = None) -> str:
    """A strong validator: the same store, at the same version, asked the same by the same product: the same bytes.

    `version` is that of the store, or of the part of it that the answer depends on.
    """
    said = "\x1f".join(map(str, (__version__, store.id, version or store.version, *parts)))
    return f'"{hashlib.blake2b(said.encode(), digest_size=_DIGEST_BYTES).hexdigest()}"'


def is_current(request: Request, etag: str) -> bool:
    """Whether the client has what `etag` marks."""
    header = request.headers.get("if-none-match", "")
    held = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return etag in held or "*" in held


def not_modified(etag: str, *, vary: str | None = None) -> Response:
    """304: the client has it. `vary` as in `caching`."""
    return Response(status_code=304, headers=caching(etag, vary=vary))


def caching(etag: str, *, vary: str | None = None) -> dict[str, str]:
    """Headers of an answer that late data may change, and that depends on the request's headers that `vary` names."""
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    return headers if vary is None else headers | {"Vary": vary}
