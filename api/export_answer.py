"""The answer to a wish for a whole range: a stream the first time, a file with ranges from then on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from functools import partial

from fastapi import Request
from starlette.responses import Response

from api.answers import VARY, caching, etag_of, is_current, not_modified
from api.byte_range import Unsatisfiable, part_headers, wants_part
from api.compression import Encoding, compressing, encoding_of
from api.engine import Engine
from api.exports import Export
from api.head import is_head
from api.history_query import Wanted
from api.pieces import PIECE, Pieces
from api.spool import Held
from bessline.formats import encoded
from bessline.managers import DataManager


def described(asked: Wanted, etag: str, encoding: Encoding) -> dict[str, str]:
    """Headers of an answer in the format of `asked`."""
    media_type = asked.format.media_types[0]
    headers = caching(etag, vary=VARY) | {
        "Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
    }
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    if asked.format.encoder is not None:
        name = f"{asked.cursor.device_id}-{asked.cursor.topic}.{asked.format.name}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return headers


async def export_answer(request: Request, engine: Engine, manager: DataManager, asked: Wanted) -> Response:
    """All of what is asked for.

    Raises
    ------
    TooMany
        others are being made; StoreError where it cannot be read.
    """
    exports, cursor = engine.exports, asked.cursor
    version_of = partial(manager.store.version_of, cursor.device_id, cursor.end_ms)
    version = version_of()
    encoding = encoding_of(request) if asked.format.text else "identity"
    etag = etag_of(manager.store, *asked.key(), encoding, version=version)
    if is_current(request, etag):
        return not_modified(etag, vary=VARY)
    headers = described(asked, etag, encoding)
    held = await engine.run(exports.spool.find, etag)
    if held is not None and is_head(request.scope):
        held.file.close()
        return _headers_alone(headers | {"Accept-Ranges": "bytes", "Content-Length": str(held.size)})
    if held is None and is_head(request.scope):
        return _headers_alone(headers | {"Accept-Ranges": "none"})
    if held is None:
        # opens all files, so that what is damaged is told by a status while there can be one
        await engine.run(manager.count, cursor.device_id, start_ms=cursor.start_ms, end_ms=cursor.end_ms)
        export = Export(etag, partial(_blocks, manager, asked, encoding), lambda: version_of() == version)
        if wants_part(request, etag):
            held = await exports.kept(export)
        if held is None:
            return Pieces(await exports.begun(export), headers=headers | {"Accept-Ranges": "none"})
    return _from_file(request, engine, held, headers=headers)


def _blocks(manager: DataManager, asked: Wanted, encoding: Encoding) -> Iterator[bytes]:
    cursor = asked.cursor
    fields = manager.fields if cursor.fields is None else cursor.fields
    parts = manager.sweep(
        cursor.device_id,
        start_ms=cursor.resume_ms,
        end_ms=cursor.end_ms,
        skip=asked.skip,
        fields=fields,
        ages=asked.ages,
    )
    blocks = encoded(asked.format, parts, topic=manager.topic, fields=fields, ages=asked.ages)
    return compressing(blocks, encoding)


def _headers_alone(headers: dict[str, str]) -> Response:
    answer = Response(headers=headers)
    if "Content-Length" not in headers:
        del answer.headers["content-length"]
    return answer


def _from_file(request: Request, engine: Engine, held: Held, *, headers: dict[str, str]) -> Response:
    try:
        start, stop, more = part_headers(request, held.size, headers["ETag"])
    except Unsatisfiable:
        held.file.close()
        raise
    status = 206 if "Content-Range" in more else 200
    return Pieces(_read(engine, held, start, stop), headers=headers | more, status_code=status)


async def _read(engine: Engine, held: Held, start: int, stop: int) -> AsyncGenerator[bytes]:
    with held.file:
        while start < stop:
            block = await engine.run(held.read, start, min(PIECE, stop - start))
            if not block:
                return
            yield block
            start += len(block)
