"""Exports on their way: blocks made in threads of their own, so many at once, and kept in the spool as they go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from api.spool import Draft, Held, Spool
from bessline.errors import BesslineError

T = TypeVar("T")
_THREADS = 2


class TooMany(BesslineError):
    """As many exports are being made as may be made at once; `retry_s` says when to ask again."""

    retry_s = 5


@dataclass(frozen=True, slots=True)
class Export:
    """One export.

    Parameters
    ----------
    key: what it is kept under.
    blocks: begins to make it; each block is made in a thread.
    is_current: whether what was made is still what `key` stands for.
    """

    key: str
    blocks: Callable[[], Iterator[bytes]]
    is_current: Callable[[], bool]


class Exports:
    """Those of a server, no more than `at_once` at a time. To be used on its event loop."""

    def __init__(self, spool: Spool, *, at_once: int) -> None:
        self.spool, self.inside = spool, 0
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bessline-export")
        self._making: dict[str, asyncio.Event] = {}

    @property
    def is_full(self) -> bool:
        """Whether one more would be too many."""
        return self.inside >= self._at_once

    async def made(self, export: Export) -> AsyncGenerator[bytes]:
        """The blocks of `export`, each made when the one before was taken; it is kept when all were.

        Raises
        ------
        TooMany
        """
        if self.is_full:
            raise TooMany("as many exports are being made as may be made at once; ask again in a moment")
        self.inside += 1
        alone = export.key not in self._making
        over = self._making.setdefault(export.key, asyncio.Event())
        draft: Draft | None = None
        try:
            draft = await self._run(lambda: self.spool.begin(export.key)) if alone else None
            blocks = export.blocks()
            while (block := await self._run(lambda: _next(export, blocks, draft))) is not None:
                yield block
        finally:
            self.inside -= 1
            if draft is not None:
                draft.abandon()
            if alone:
                del self._making[export.key]
                over.set()

    async def begun(self, export: Export) -> AsyncGenerator[bytes]:
        """`made`, whose place is taken when this returns, and not only when somebody asks for the first block."""
        blocks = self.made(export)
        return _behind(await anext(blocks, b""), blocks)

    async def kept(self, export: Export) -> Held | None:
        """`export` as a file, made first if need be; None where it cannot be kept."""
        if (over := self._making.get(export.key)) is not None:
            await over.wait()
        held = self.spool.find(export.key)
        if held is None:
            async with aclosing(self.made(export)) as blocks:
                async for _ in blocks:
                    if not self.spool.is_written(export.key):  # for nothing: it would be made again for its reader
                        break
            held = self.spool.find(export.key)
        return held

    def close(self) -> None:
        """Begin no block any more and forget what was kept."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.spool.close()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _behind(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield first
        async for block in rest:
            yield block


def _next(export: Export, blocks: Iterator[bytes], draft: Draft | None) -> bytes | None:
    """The next block, or None behind the last one. Takes its time."""
    block = next(blocks, None)
    if draft is None:
        return block
    if block is not None:
        draft.write(block)
    elif export.is_current():
        draft.finish()
    else:
        draft.abandon()
    return block
