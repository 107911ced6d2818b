"""Compression: what comes out is what went in, as soon as it went in."""

import zlib

import httpx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.compression import Encoding, compressed, compressing, encoding_of

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def undone(data: bytes, encoding: Encoding) -> bytes:
    """As a client undoes it."""
    if encoding == "zstd":
        with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
            return bytes(stream.read())
    headers = {} if encoding == "identity" else {"content-encoding": encoding}
    return httpx.Response(200, headers=headers, content=data).content


@given(st.lists(st.binary(max_size=200), max_size=5))
@pytest.mark.parametrize("encoding", ["zstd", "gzip", "identity"])
def test_a_client_gets_back_what_was_sent(encoding: Encoding, blocks: list[bytes]) -> None:
    """Whatever the blocks, also none and empty ones."""
    assert undone(b"".join(compressing(iter(blocks), encoding)), encoding) == b"".join(blocks)


def test_a_block_can_be_read_before_the_next_is_made() -> None:
    """A reader of a long export does not wait for its end."""
    pieces = compressing(iter([b"one" * 100, b"two"]), "gzip")
    assert zlib.decompressobj(31).decompress(next(pieces)) == b"one" * 100
    pieces = compressing(iter([b"one" * 100, b"two"]), "zstd")
    with pa.CompressedInputStream(pa.BufferReader(next(pieces)), "zstd") as stream:
        assert bytes(stream.read(300)) == b"one" * 100


def test_many_blocks_are_one_frame() -> None:
    """Some clients undo the first frame alone, and would not know that there was more."""
    packed = b"".join(compressing(iter([b"one" * 100, b"two" * 100]), "zstd"))
    assert (packed.find(ZSTD_MAGIC), packed.count(ZSTD_MAGIC)) == (0, 1)


def test_it_is_worth_it() -> None:
    body = b'{"soc":50.0,"voltage":812.5},' * 1000
    assert all(len(compressed(body, encoding)) < len(body) / 50 for encoding in ("zstd", "gzip"))


@pytest.mark.parametrize(
    ("header", "encoding"),
    [("gzip, deflate, br, zstd", "zstd"), ("gzip", "gzip"), ("br", "identity"), ("", "identity")],
)
def test_the_client_s_wish_counts(header: str, encoding: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-encoding", header.encode())]})
    assert encoding_of(request) == encoding
