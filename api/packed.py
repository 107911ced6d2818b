"""An answer that is made whole before it is sent, compressed where that is worth it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from api.compression import SMALLEST, Encoding, compressed


def packed(body: bytes, *, media_type: str, encoding: Encoding, headers: Mapping[str, str]) -> Response:
    """`body` in `encoding`, or as it is where it is small. Takes its time: for a thread."""
    if len(body) < SMALLEST or encoding == "identity":
        return Response(body, headers=headers, media_type=media_type)
    return Response(
        compressed(body, encoding), headers={**headers, "Content-Encoding": encoding}, media_type=media_type
    )
