"""A feed of readings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from bessline.live.feed import BLOCK_ROWS, RETRY_S, Feed
from bessline.managers import DataManager
from unit_tests.bessline.live.plants import ListManager, manager_of, runs


def stamps(rows: Sequence[tuple[int, object]]) -> list[int]:
    return [t_ms for t_ms, _ in rows]


def test_it_stands_where_it_is_opened() -> None:
    """What is past is past; the last of it is the newest."""

    async def story() -> None:
        feed = Feed(manager_of([10, 20, 30, 40]), "b1", run=runs)
        await feed.open(25)
        assert (feed.newest or (0,))[0] == 20
        assert feed.peek() == 30
        assert stamps(feed.due(40)) == [30, 40]
        assert (feed.newest or (0,))[0] == 40

    asyncio.run(story())


def test_only_what_is_due_is_taken() -> None:
    """The rest waits for its time."""

    async def story() -> None:
        feed = Feed(manager_of([10, 20, 30]), "b1", run=runs)
        await feed.open(0)
        assert (stamps(feed.due(19)), stamps(feed.due(19)), feed.peek()) == ([10], [], 20)

    asyncio.run(story())


def test_every_reading_comes_once_through_bounded_blocks() -> None:
    """A long history is read block by block, never all at once."""
    total = 5 * BLOCK_ROWS

    async def story() -> None:
        feed, taken, most = Feed(manager_of(range(total)), "b1", run=runs), list[int](), 0
        await feed.open(-1)
        while feed.peek() is not None:
            taken += stamps(feed.due(taken[-1] + 100 if taken else 100))
            await feed.ready()
            await asyncio.sleep(0)
            most = max(most, len(feed._rows))
        assert taken == list(range(total))
        assert most <= 2 * BLOCK_ROWS

    asyncio.run(story())


def test_a_feed_that_cannot_be_read_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """After a pause, and it says that nobody knows what comes next."""
    manager, now_s = ListManager([10, 20]), [0.0]

    async def story() -> None:
        feed = Feed(cast("DataManager", manager), "b1", run=runs, monotonic=lambda: now_s[0])
        manager.failure = OSError("broken disk")
        await feed.open(0)
        assert (feed.broken, feed.peek()) == (True, None)
        manager.failure = None
        await feed.ready()
        assert feed.broken
        now_s[0] = RETRY_S
        await feed.ready()
        assert (feed.broken, feed.peek()) == (False, 10)

    asyncio.run(story())
    assert "bms of b1 cannot be read" in caplog.text


def test_at_the_end_it_asks_no_more() -> None:
    """A history that is over costs nothing."""
    manager = ListManager([10])

    async def story() -> None:
        feed = Feed(cast("DataManager", manager), "b1", run=runs)
        await feed.open(10)
        for _ in range(5):
            await feed.ready()
        assert (feed.peek(), feed.broken, manager.pages) == (None, False, 1)

    asyncio.run(story())


def test_another_one_stands_nowhere_yet() -> None:
    """A lap begins with new feeds, while the old ones still answer."""

    async def story() -> None:
        feed = Feed(manager_of([10, 20]), "b1", run=runs)
        await feed.open(20)
        fresh = feed.again()
        await fresh.open(9)
        assert ((feed.newest or (0,))[0], fresh.newest, fresh.peek()) == (20, None, 10)

    asyncio.run(story())
