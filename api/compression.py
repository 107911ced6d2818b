"""Compression of answers, by what the client says that it can undo."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Literal

import pyarrow as pa
from starlette.requests import Request

from api.preference import preferred
from bessline.formats import Pipe

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
    if encoding == "zstd":
        packed: bytes = pa.Codec("zstd", compression_level=_ZSTD_LEVEL).compress(body, asbytes=True)
        return packed
    return b"".join(compressing(iter([body]), encoding))


def compressing(blocks: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    """`blocks` in `encoding`, each to be had as soon as it is made: one zstd frame, or one gzip member."""
    if encoding == "identity":
        yield from blocks
    elif encoding == "zstd":
        yield from _one_frame(blocks)
    else:
        packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW)
        for block in blocks:
            yield packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()


def _one_frame(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """A frame a block would be simpler, but some clients undo the first frame and take it for the whole."""
    pipe = Pipe()
    with pa.CompressedOutputStream(pipe, "zstd") as packer:
        for block in blocks:
            packer.write(block)
            packer.flush()
            yield pipe.take()
    yield pipe.take()
