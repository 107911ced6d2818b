"""The way of a body: spooled and queued within bounds, and nothing left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api import detection
from api.detection import Detection, Refused
from api.detection_worker import DetectionWorker, Outcome, Task, WorkerLost


async def parts(*given: bytes) -> AsyncIterator[bytes]:
    for part in given:
        yield part


def spooled(folder: Path, *given: bytes, length: int | None = None) -> Outcome:
    own = Detection(folder / "new" / "spool", most_bytes=4096)

    async def run() -> Outcome:
        try:
            return await own.outcome(parts(*given), folder, length=length)
        finally:
            own.stop()

    try:
        return asyncio.run(run())
    finally:
        assert list(folder.rglob("bessline-detect-*")) == []


def echo(self: DetectionWorker, task: Task) -> Outcome:
    return Outcome(200, task.body.read_bytes())


def test_a_body_in_parts_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when its parts are longer than a block."""
    monkeypatch.setattr(DetectionWorker, "run", echo)
    monkeypatch.setattr(detection, "_BLOCK", 10)
    given = (b"12345", b"", b"6789012345", b"x" * 25, b"end")
    assert spooled(tmp_path, *given).body == b"".join(given)
    assert spooled(tmp_path).body == b""


@pytest.mark.parametrize("length", [None, 9999])
def test_one_too_large_is_refused(tmp_path: Path, length: int | None) -> None:
    with pytest.raises(Refused, match="4,096 bytes") as caught:
        spooled(tmp_path, *[b"x" * 1000] * 9, length=length)
    assert caught.value.status == 413


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(detection, "_finish", full)
    with pytest.raises(Refused, match="full") as caught:
        spooled(tmp_path, b"1")
    assert caught.value.status == 507


def test_only_so_many_are_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused at once; when one is done, there is room again."""
    over = threading.Event()

    def held(self: DetectionWorker, task: Task) -> Outcome:
        over.wait(10)
        return Outcome(200)

    monkeypatch.setattr(DetectionWorker, "run", held)
    monkeypatch.setattr(detection, "MOST_INSIDE", 2)

    async def run() -> list[Outcome | BaseException]:
        own = Detection(tmp_path, most_bytes=4096)
        first = [asyncio.ensure_future(own.outcome(parts(b"{}"), tmp_path)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="2 requests wait already"):
            await own.outcome(parts(b"{}"), tmp_path)
        over.set()
        done = await asyncio.gather(*first)
        found = [*done, await own.outcome(parts(b"{}"), tmp_path)]
        own.stop()
        return list(found)

    assert [each.status for each in asyncio.run(run()) if isinstance(each, Outcome)] == [200] * 3


def test_whoever_waits_when_it_ends_is_not_left_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is worked on is lost, with its process; those behind it are not begun."""
    ended, begun = threading.Event(), threading.Event()

    def lost(self: DetectionWorker, task: Task) -> Outcome:
        begun.set()
        ended.wait(10)
        raise WorkerLost("the process ended")

    monkeypatch.setattr(DetectionWorker, "run", lost)
    monkeypatch.setattr(DetectionWorker, "stop", lambda self: ended.set())

    async def run() -> list[BaseException | Outcome]:
        own = Detection(tmp_path, most_bytes=4096)
        waiting = [asyncio.ensure_future(own.outcome(parts(b"{}"), tmp_path)) for _ in range(3)]
        await asyncio.to_thread(begun.wait, 10)
        own.stop()
        return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10)

    kinds = {type(each).__name__ for each in asyncio.run(run())}
    assert kinds <= {"WorkerLost", "CancelledError", "RuntimeError"}
