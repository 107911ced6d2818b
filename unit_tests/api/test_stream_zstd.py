"""Streams for those who can undo zstd, over a real connection."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pytest

from bessline.live.gate import Gate
from bessline.managers import Managers
from unit_tests.api.stream_server import EVERY, STREAM, Served, tell
from unit_tests.bessline.live.plants import small_store


@pytest.fixture
def managers(tmp_path: Path) -> Managers:
    return small_store(tmp_path, rows=1000, hole=range(30, 500))


def unpacked(raw: bytes) -> str:
    """The text of zstd frames, of which the last may still be on its way."""
    with pa.input_stream(pa.py_buffer(raw), compression="zstd") as frames, suppress(OSError):
        text = b""
        while part := frames.read(4096):
            text += part
        return text.decode()
    return ""


class TestZstd:
    """To who can undo it, events go out as zstd: each batch a frame of its own, so nobody waits for the next."""

    HEADERS: ClassVar = {"Accept-Encoding": "gzip, zstd"}

    def test_events_come_one_by_one(self, managers: Managers) -> None:
        """The bytes that all share, while the stream goes on; beside somebody who takes them as they are."""

        async def story(served: Served) -> None:
            plain = asyncio.create_task(served.events(STREAM, 4, **EVERY))
            async with served.client.stream("GET", STREAM, params=EVERY, headers=self.HEADERS) as answer:
                assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("zstd", "Accept-Encoding")
                raw = b""
                async for chunk in answer.aiter_raw():
                    raw += chunk
                    if unpacked(raw).count("\ndata: ") == 4:
                        break
            assert len(await plain) == 4

        tell(managers, story)

    @pytest.mark.parametrize("came_back", [False, True])
    def test_bytes_of_ones_own_are_packed_too(self, managers: Managers, came_back: bool) -> None:
        """A limit, the end, and what was missed."""

        async def story(served: Served) -> None:
            last = (await served.events(STREAM, 2, **EVERY))[-1].id
            headers = self.HEADERS | ({"Last-Event-ID": last} if came_back else {})
            answer = served.client.stream("GET", STREAM, params={"max_events": "2", **EVERY}, headers=headers)
            async with answer as stream:
                text = unpacked(b"".join([chunk async for chunk in stream.aiter_raw()]))
            found = [line[7:] for line in text.splitlines() if line.startswith("event: ")]
            assert found == ["resume" if came_back else "snapshot", "end"]
            assert text.count("\ndata: ") == 4

        tell(managers, story)

    def test_who_is_turned_away_can_read_it(self, managers: Managers) -> None:
        """And when to come back."""

        async def story(served: Served) -> None:
            async with served.client.stream("GET", STREAM, headers=self.HEADERS) as answer:
                text = unpacked(b"".join([chunk async for chunk in answer.aiter_raw()]))
            assert "\nretry: " in text

        tell(managers, story, gate=Gate(total=0, per_key=0))

    def test_nobody_else_gets_it(self, managers: Managers) -> None:
        """No word of zstd, or a refusal of it."""

        async def story(served: Served) -> None:
            for accepted in ("identity", "gzip, br", "zstd;q=0", "*"):
                headers = {"Accept-Encoding": accepted}
                answer = await served.client.get(STREAM, params={"max_events": "1"} | EVERY, headers=headers)
                assert "content-encoding" not in answer.headers
                assert "event: end" in answer.text

        tell(managers, story)
