"""Exports: made a block at a time in threads, kept when they are whole, and nothing left of those that are not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from api.exports import Export, Exports, TooMany
from api.spool import Spool

BLOCKS = [b"one", b"two", b"three"]


@asynccontextmanager
async def exports_in(folder: Path, *, max_bytes: int = 1000) -> AsyncIterator[Exports]:
    exports = Exports(Spool(folder, max_bytes=max_bytes), at_once=2)
    try:
        yield exports
    finally:
        exports.close()


def export(key: str = "k", *, blocks: list[bytes] = BLOCKS, current: bool = True) -> Export:
    return Export(key, lambda: iter(blocks), lambda: current)


def whole(exports: Exports, key: str = "k") -> bytes | None:
    held = exports.spool.find(key)
    if held is None:
        return None
    with held.file:
        return held.read(0, held.size)


def test_the_first_one_streams_and_keeps(tmp_path: Path) -> None:
    async def story() -> None:
        async with exports_in(tmp_path) as exports:
            assert [block async for block in exports.made(export())] == BLOCKS
            assert whole(exports) == b"onetwothree"
            assert exports.inside == 0

    asyncio.run(story())


def test_a_reader_who_leaves_takes_everything_along(tmp_path: Path) -> None:
    """No file, no place, no draft that would bar the next one."""

    async def story() -> None:
        async with exports_in(tmp_path) as exports:
            async with aclosing(exports.made(export())) as blocks:
                async for _ in blocks:
                    assert exports.inside == 1
                    break
            assert (exports.inside, whole(exports), exports.spool.bytes) == (0, None, 0)
            assert [block async for block in exports.made(export())] == BLOCKS
            assert whole(exports) is not None

    asyncio.run(story())


def test_what_changed_meanwhile_is_not_kept(tmp_path: Path) -> None:
    async def story() -> None:
        async with exports_in(tmp_path) as exports:
            assert [block async for block in exports.made(export(current=False))] == BLOCKS
            assert whole(exports) is None

    asyncio.run(story())


def test_an_error_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"one"
        raise OSError("the disk is gone")

    async def story() -> None:
        async with exports_in(tmp_path) as exports:
            with pytest.raises(OSError, match="gone"):
                [block async for block in exports.made(Export("k", broken, lambda: True))]
            assert (exports.inside, whole(exports), exports.spool.bytes) == (0, None, 0)

    asyncio.run(story())


def test_two_at_once_both_get_all_and_one_is_kept(tmp_path: Path) -> None:
    async def story() -> None:
        async with exports_in(tmp_path) as exports:
            first, second = exports.made(export()), exports.made(export())
            assert [await anext(first), await anext(second)] == [b"one", b"one"]
            assert exports.is_full
            assert [block async for block in second] == [block async for block in first] == BLOCKS[1:]
            assert whole(exports) == b"onetwothree"

    asyncio.run(story())


def test_what_is_begun_has_its_place_before_anybody_reads(tmp_path: Path) -> None:
    """And gives it back, also when nobody ever reads."""

    async def story() -> None:
        async with exports_in(tmp_path) as exports:
            read, unread = await exports.begun(export()), await exports.begun(export("other"))
            assert exports.is_full
            assert [block async for block in read] == BLOCKS
            await unread.aclose()
            del unread
            while exports.inside:
                await asyncio.sleep(0)
            assert (whole(exports), whole(exports, "other")) == (b"onetwothree", None)

    asyncio.run(asyncio.wait_for(story(), 10))


def test_who_waited_for_a_file_that_was_not_kept_takes_a_place_too(tmp_path: Path) -> None:
    """Of a crowd that wants parts of what the spool is too small for, only so many make it themselves."""
    inside: list[int] = []

    async def story() -> None:
        async with exports_in(tmp_path, max_bytes=1) as exports:

            def counted() -> Iterator[bytes]:
                for block in BLOCKS:
                    inside.append(exports.inside)
                    yield block

            async def wanted(wish: Export) -> list[bytes]:
                assert await exports.kept(wish) is None
                return [block async for block in await exports.begun(wish)]

            wish = Export("k", counted, lambda: True)
            got = await asyncio.gather(*(wanted(wish) for _ in range(6)), return_exceptions=True)
            assert BLOCKS in got
            assert all(each == BLOCKS or isinstance(each, TooMany) for each in got)
            assert (max(inside), exports.inside) == (2, 0)

    asyncio.run(story())


def test_whoever_wants_a_part_waits_for_the_whole(tmp_path: Path) -> None:
    """It is made once, also when another makes it already."""
    made = []

    def counted() -> Iterator[bytes]:
        made.append(threading.current_thread().name)
        yield from BLOCKS

    async def story() -> None:
        async with exports_in(tmp_path) as exports:
            wish = Export("k", counted, lambda: True)
            first, second = await asyncio.gather(exports.kept(wish), exports.kept(wish))
            for held in (first, second):
                assert held is not None
                with held.file:
                    assert held.read(3, 3) == b"two"

    asyncio.run(story())
    assert [name.startswith("bessline-export") for name in made] == [True]


@pytest.mark.parametrize(("max_bytes", "blocks"), [(0, 1), (5, 2)])
def test_what_cannot_be_kept_is_not_made_to_its_end_for_a_part(tmp_path: Path, max_bytes: int, blocks: int) -> None:
    """Its reader is given all of it, and waits for no other."""
    made = []

    def counted() -> Iterator[bytes]:
        for block in BLOCKS:
            made.append(block)
            yield block

    async def story() -> None:
        async with exports_in(tmp_path, max_bytes=max_bytes) as exports:
            assert await exports.kept(Export("k", counted, lambda: True)) is None
            assert (exports.inside, exports.spool.bytes) == (0, 0)

    asyncio.run(story())
    assert made == BLOCKS[:blocks]


@pytest.mark.parametrize("max_bytes", [0, 5])
def test_without_room_there_is_no_file_and_no_hang(tmp_path: Path, max_bytes: int) -> None:
    async def story() -> None:
        async with exports_in(tmp_path, max_bytes=max_bytes) as exports:
            assert await exports.kept(export()) is None
            assert await exports.kept(export()) is None
            assert [block async for block in exports.made(export())] == BLOCKS

    asyncio.run(story())
