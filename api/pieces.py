"""A body that is sent piece by piece, as fast as its reader takes it, and no longer than the reader is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.afterwards import afterwards
from bessline.errors import BesslineError

PIECE = 256 * 1024
#: A reader that takes no piece for so long is given up.
STALL_S = 30.0
logger = logging.getLogger(__name__)


class Pieces(Response):
    """Sends `blocks`. When they end early, by an error or because the reader is gone, the body is left without its end,
    so that nobody takes a part for the whole."""

    def __init__(self, blocks: AsyncGenerator[bytes], *, headers: Mapping[str, str], status_code: int = 200) -> None:
        self.status_code, self.background = status_code, None
        self._blocks = blocks
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await afterwards(self._send_body, scope, receive, send)

    async def _send_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            async with aclosing(self._blocks) as blocks:
                async for block in blocks:
                    for start in range(0, len(block), PIECE):
                        if gone.done():
                            return
                        piece = block[start : start + PIECE]
                        async with asyncio.timeout(STALL_S):
                            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            logger.warning("an export was given up: nothing of it was taken for %g s", STALL_S)
        except BesslineError as error:
            # the status is out; only the missing end can say it
            logger.error("an export was cut off: %s", error)
        finally:
            gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
