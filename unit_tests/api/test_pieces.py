"""Pieces: sent as fast as they are taken, and no longer than there is a reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from starlette.types import Message

from api import pieces
from api.pieces import PIECE, Pieces
from bessline.errors import StoreDamaged


class Line:
    """Both ends of a connection; the reader leaves after `patience` pieces."""

    def __init__(self, patience: int = 10**9, *, frozen: bool = False) -> None:
        self.sent: list[Message] = []
        self._patience, self._frozen, self._gone = patience, frozen, asyncio.Event()

    async def receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self._frozen and message["type"] == "http.response.body":
            await asyncio.Event().wait()
        self.sent.append(message)
        if len(self.bodies) >= self._patience:
            self._gone.set()
        await asyncio.sleep(0)

    @property
    def bodies(self) -> list[bytes]:
        return [message["body"] for message in self.sent if message["type"] == "http.response.body"]

    @property
    def is_complete(self) -> bool:
        return not self.sent[-1].get("more_body", True)


def tell(line: Line, *blocks: bytes | Exception) -> list[str]:
    """Send `blocks` over `line`; what the source lived through."""
    life: list[str] = []

    async def source() -> AsyncGenerator[bytes]:
        try:
            for block in blocks:
                if isinstance(block, Exception):
                    raise block
                life.append("made")
                yield block
        finally:
            life.append("closed")

    async def story() -> None:
        answer = Pieces(source(), headers={"X-Told": "1"}, status_code=206)
        await answer({"type": "http", "method": "GET"}, line.receive, line.send)

    asyncio.run(asyncio.wait_for(story(), 20))
    return life


def test_large_blocks_go_in_pieces() -> None:
    line = Line()
    data = bytes(range(256)) * (PIECE // 100)
    assert tell(line, b"a", data) == ["made", "made", "closed"]
    assert b"".join(line.bodies) == b"a" + data
    assert max(map(len, line.bodies)) == PIECE
    assert line.is_complete
    assert (line.sent[0]["status"], line.sent[0]["headers"]) == (206, [(b"x-told", b"1")])


def test_nothing_more_is_made_for_a_reader_who_is_gone() -> None:
    line = Line(patience=2)
    life = tell(line, *[b"block"] * 100)
    assert life[-1] == "closed"
    assert len(life) < 6
    assert not line.is_complete


def test_a_body_that_was_cut_off_does_not_look_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    assert tell(line, b"a", StoreDamaged("is damaged", path=tmp_path)) == ["made", "closed"]
    assert (line.bodies, line.is_complete) == ([b"a"], False)
    assert "cut off" in caplog.text


def test_a_frozen_reader_is_given_up(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(pieces, "STALL_S", 0.01)
    line = Line(frozen=True)
    assert tell(line, b"a", b"b") == ["made", "closed"]
    assert (line.bodies, line.is_complete) == ([], False)
    assert "given up" in caplog.text
