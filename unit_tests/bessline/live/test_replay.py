"""Private replays."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.live.replay import BATCH_ROWS, BLOCK_ROWS, Replay, Timetable
from unit_tests.bessline.live.plants import manager_of


def walked(rows: int, *, start_ms: int = 0, end_ms: int | None = None, limit: int | None = None) -> list[list[int]]:
    """Stamps of the batches, as fast as they are read."""

    async def story() -> list[list[int]]:
        replay = Replay(
            manager_of(range(rows)),
            "b1",
            fields=("soc",),
            start_ms=start_ms,
            end_ms=end_ms,
            limit=limit,
            timetable=Timetable(1.0, speed=0),
            stop=asyncio.Event(),
        )
        batches = [[t_ms for t_ms, _ in batch] async for batch in replay.batches()]
        assert replay.given == sum(map(len, batches))
        assert replay.place_ms == (batches[-1][-1] if batches else start_ms - 1)
        return batches

    return asyncio.run(story())


def test_all_rows_of_the_range_come_once() -> None:
    """Half-open, over the borders of blocks, some at a time where the reader sets the pace."""
    batches = walked(1000, start_ms=5, end_ms=2 * BLOCK_ROWS + 50)
    assert [t for batch in batches for t in batch] == list(range(5, 2 * BLOCK_ROWS + 50))
    assert max(map(len, batches)) == BATCH_ROWS


@given(st.integers(1, 450))
def test_the_limit_is_exact(limit: int) -> None:
    """Not one more than asked for."""
    assert sum(map(len, walked(500, limit=limit))) == limit


def test_an_empty_range_is_an_empty_replay() -> None:
    """A start behind the history gives nothing."""
    assert walked(10, start_ms=50) == []


@pytest.mark.parametrize(
    ("timetable", "due_s"),
    [(Timetable(0.5), 100.0), (Timetable(0.5, speed=10.0), 3.0), (Timetable(0.5, speed=0.0), 0.0)],
)
def test_when_the_200th_row_is_due(timetable: Timetable, due_s: float) -> None:
    """By the interval, or by data time, or at once; never by what came before."""
    assert timetable.due_s(200, 30_000) == due_s


def test_it_stops_at_once_when_told() -> None:
    """A draining server does not wait for the next row."""

    async def story() -> None:
        stop = asyncio.Event()
        replay = Replay(
            manager_of(range(10)),
            "b1",
            fields=("soc",),
            start_ms=0,
            end_ms=None,
            limit=None,
            timetable=Timetable(3600.0),
            stop=stop,
        )
        batches = replay.batches()
        assert await anext(batches) == [(0, {"timestamp": "1970-01-01T00:00:00.000Z", "soc": 0.0})]
        asyncio.get_running_loop().call_soon(stop.set)
        began = time.monotonic()
        assert [batch async for batch in batches] == []
        assert time.monotonic() - began < 5

    asyncio.run(story())
