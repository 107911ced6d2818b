"""Compression of answers, by what the client says that it can undo."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Literal

import pyarrow as pa
from starlette.requests import Request

from api.preference import preferred

Encoding = Literal["zstd", "gzip", "identity"]
#: The first of those that a client likes alike is taken.
ENCODINGS: tuple[Encoding, ...] = ("zstd", "gzip")
#: Less than this fits a packet or two anyway.
SMALLEST = 1024
_ZSTD_LEVEL, _GZIP_LEVEL, _GZIP_WINDOW = 3, 5, 31


def encoding_of(request: Request) -> Encoding:
    """How the answer to `request` may be compressed."""
    found = preferred(request.headers.get("accept-encoding", ""), ENCODINGS)
    return ENCODINGS[found] if found is not None else "identity"


def compressed(body: bytes, encoding: Encoding) -> bytes:
    """`body` in `encoding`. Takes its time: for a thread."""
    return b"".join(compressing(iter([body]), encoding))


def compressing(blocks: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    """`blocks` in `encoding`, each to be had as soon as it is made: a zstd frame a block, or one gzip member."""
    if encoding == "identity":
        yield from blocks
    elif encoding == "zstd":
        codec = pa.Codec("zstd", compression_level=_ZSTD_LEVEL)
        empty = True
        for block in blocks:
            if block:
                yield codec.compress(block, asbytes=True)
                empty = False
        if empty:  # no frame at all would be no body that can be undone
            yield codec.compress(b"", asbytes=True)
    else:
        packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW)
        for block in blocks:
            yield packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
