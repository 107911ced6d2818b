"""The inflow: many requests, one force to disk; a request is answered when its rows are durable, and told of then."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from bessline.errors import StoreFull
from bessline.live.inflow import Inflow
from bessline.store import Store, ingest
from bessline.store.batch import Batch
from bessline.store.inlet import Bounds, Inlet, Taken
from bessline.store.retention import DAY_MS
from bessline.store.workers import InlineExecutor
from unit_tests.batches import batch_of
from unit_tests.bessline.live.plants import small_store
from unit_tests.plants import MAY_1, signal_job, source_of


def row(n: int) -> Batch:
    return batch_of("b1", "env", [(n, {"humidity": float(n)})])


def flow(
    inlet: Inlet,
    story: Callable[[Inflow], Awaitable[None]],
    *,
    look_s: float = 3600.0,
    keeping: Mapping[str, int] | None = None,
) -> list[Sequence[Taken]]:
    """Run `story` with an inflow; returns what it told of."""
    told: list[Sequence[Taken]] = []

    async def arrived(taken: Sequence[Taken]) -> None:
        told.append(taken)

    async def run() -> None:
        inflow = Inflow(inlet, arrived=arrived, keeping=keeping, look_s=look_s)
        await inflow.start()
        try:
            await story(inflow)
            await asyncio.sleep(0)
        finally:
            await inflow.close()

    asyncio.run(asyncio.wait_for(run(), 30))
    return told


def test_requests_at_once_share_a_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is forced for the first, the others wait together; all are durable when they are answered."""
    inlet, forced, go_on = Inlet(small_store(tmp_path).store), list[int](), threading.Event()

    def force(handle: int) -> None:
        assert threading.current_thread() is not threading.main_thread()
        forced.append(handle)
        go_on.wait(10)

    monkeypatch.setattr(os, "fdatasync", force)

    async def story(inflow: Inflow) -> None:
        puts = [asyncio.ensure_future(inflow.put(row(n))) for n in range(50)]
        while not forced:
            await asyncio.sleep(0.001)
        puts += [asyncio.ensure_future(inflow.put(row(n))) for n in range(50, 100)]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*puts)
        assert (inflow.commits, inflow.rows["accepted"]) == (2, 100)

    told = flow(inlet, story)
    assert len(forced) == 2
    assert [each.batch.stamps[0] for group in told for each in group] == sorted(row(n).stamps[0] for n in range(100))
    assert Store.open(tmp_path / "store").devices["b1"].topics["env"].rows == 100


def test_a_refusal_reaches_everybody_who_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the inflow goes on with the next."""
    inlet = Inlet(small_store(tmp_path).store)

    async def story(inflow: Inflow) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(inlet, "write", refuse)
            found = await asyncio.gather(*(inflow.put(row(n)) for n in range(3)), return_exceptions=True)
            assert [type(error) for error in found] == [StoreFull] * 3
        assert (await inflow.put(row(9))).batch.rows == 1

    def refuse(batches: Sequence[Batch]) -> list[Taken]:
        raise StoreFull("full", path=tmp_path)

    assert len(flow(inlet, story)) == 1


def test_what_is_too_old_goes_after_a_seal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store that is served says from when on rows are kept."""
    for module in ("bessline.live.inflow", "bessline.store.inlet"):
        monkeypatch.setattr(f"{module}.executor", lambda _: InlineExecutor())
    t_s = np.arange(0, 3 * 86_400, 3600)
    job = signal_job(tmp_path / "raw", "b1/env.humidity", t_s, (t_s % 97).astype(np.float64))
    ingest([source_of(tmp_path / "raw", job)], tmp_path / "store", workers=0)
    store = Store.open(tmp_path / "store")
    inlet = Inlet(store, bounds=Bounds(values=1))

    async def story(inflow: Inflow) -> None:
        await inflow.put(row(3 * 86_400))
        while "raw" not in store.devices["b1"].signals["env.humidity"].kept_from:
            await asyncio.sleep(0.01)

    flow(inlet, story, look_s=0.01, keeping={"raw": DAY_MS})
    entry = store.devices["b1"].signals["env.humidity"]
    assert (entry.kept_from, entry.rows) == ({"raw": MAY_1 + 2 * DAY_MS}, 25)


def test_it_heals_and_seals_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is probed until it has space; a full journal is moved into the files."""
    inlet = Inlet(small_store(tmp_path).store, bounds=Bounds(values=2))
    seal = inlet.seal
    monkeypatch.setattr(inlet, "seal", lambda: seal(workers=0))

    async def story(inflow: Inflow) -> None:
        await inflow.put(row(1))
        inlet.failure = StoreFull("full", path=tmp_path)
        while str(inlet.failure) != "None":
            await asyncio.sleep(0.002)
        await inflow.put(row(2))
        while inlet.store.state.tails:
            await asyncio.sleep(0.002)

    flow(inlet, story, look_s=0.005)
    assert Store.open(tmp_path / "store").manifest.sealed == 2
