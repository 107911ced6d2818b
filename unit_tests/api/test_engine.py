"""The engine's handle: nothing is served before it is there, and blocking work leaves the loop free."""

import asyncio
import threading

import pytest

from api.engine import Engine, NotReady
from api.settings import Settings
from bessline.errors import StoreMissing
from bessline.managers import Managers


def test_before_the_store_is_there_nothing_is_ready(tiny_managers: Managers) -> None:
    engine = Engine(Settings())
    with pytest.raises(NotReady, match="loading: starting"):
        engine.ready()
    engine.managers, engine.phase = tiny_managers, "ready"
    assert engine.ready() is tiny_managers
    engine.phase = "draining"
    with pytest.raises(NotReady, match="draining"):
        engine.ready()


def test_work_runs_in_a_reading_thread() -> None:
    async def story() -> str:
        return await Engine(Settings()).run(lambda: threading.current_thread().name)

    assert asyncio.run(story()).startswith("bessline-read")


def test_there_are_no_more_threads_than_the_setting_says() -> None:
    barrier = threading.Barrier(3)

    async def story() -> None:
        engine = Engine(Settings(readers=2))
        await asyncio.gather(*(engine.run(barrier.wait, 0.05) for _ in range(3)))

    with pytest.raises(threading.BrokenBarrierError):
        asyncio.run(story())


def test_a_failure_is_kept_and_told() -> None:
    told: list[str] = []
    engine = Engine(Settings(), when_failed=lambda: told.append("told"))
    error = StoreMissing("is not there", path=Settings().demo)
    engine.fail(error)
    assert (engine.phase, engine.failure, told) == ("failed", error, ["told"])
    assert "is not there" in engine.detail
