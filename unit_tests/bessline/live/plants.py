"""What the tests of streams share: a manager made of a list, an encoding that can be read back, a small real store."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from bessline.live.audience import Manner
from bessline.live.frames import Batch, Frame
from bessline.live.hub import Hub
from bessline.live.ids import LiveId
from bessline.live.rounds import Rounds
from bessline.live.series import Wish
from bessline.managers import DataManager, Managers, Readings, Timeline
from bessline.store import Store, ingest
from unit_tests.plants import MAY_1, signal_job, source_of

T = TypeVar("T")
BASE = LiveId("5708e001", "c10c", 0, 0)


def encode(event: str | None, ident: str, data: Mapping[str, object], *, retry_ms: int = 0) -> bytes:
    """An encoding that a test can read."""
    return json.dumps({"event": event, "id": ident, "data": data, "retry": retry_ms}).encode()


def said(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """What `encode` was given."""
    return [json.loads(frame.body) for frame in frames]


class Listens:
    """A member of an audience that keeps what it is given; it is in step from the start."""

    def __init__(self) -> None:
        self.in_step = True
        self.batches: list[Batch] = []
        self.farewells: list[tuple[str, int]] = []

    def take(self, batch: Batch) -> bool:
        self.batches.append(batch)
        return True

    def watch(self, now_s: float, *, stall_s: float) -> None:
        pass

    def dismiss(self, event: str, data: Mapping[str, object], *, retry_ms: int) -> None:
        self.farewells.append((event, retry_ms))

    @property
    def told(self) -> list[dict[str, Any]]:
        """Every event so far."""
        return said([frame for batch in self.batches for frame in batch.frames if frame.ident])


def hub_of(*topics: str, base: LiveId = BASE, step_ms: int = 1) -> Hub:
    """A hub of device b1 whose topics have a reading each tick of 1 s, which is `step_ms` of data time."""
    rounds = Rounds(later=lambda call: call(), monotonic=lambda: 0.0)
    hub = Hub(encode, carry=rounds.carry, counts=rounds.counts)
    for topic in topics or ("bms",):
        hub.channel("b1", topic, base=base).step_ms = step_ms
    return hub


def join(
    hub: Hub, *topics: str, interval_s: float = 1.0, fields: tuple[str, ...] = ("soc",), named: bool = False
) -> Listens:
    """Somebody who wants `topics` of b1."""
    member = Listens()
    hub.join(member, [Wish("b1", topic, fields) for topic in topics or ("bms",)], Manner(interval_s, named=named))
    return member


def row(t_ms: int, **values: float | None) -> dict[str, object]:
    """A row as history gives it; the stamp is kept as a number so that tests read well."""
    return {"timestamp": t_ms, **(values or {"soc": float(t_ms)})}


class ListManager:
    """As much of a DataManager as a feed asks for: readings with the given stamps (ms) and `soc` equal to the stamp."""

    fields = ("soc",)

    def __init__(self, stamps: Sequence[int], *, topic: str = "bms", period_s: float = 0.01) -> None:
        self.stamps, self.topic, self.period_s = sorted(stamps), topic, period_s
        self.failure: Exception | None = None
        self.pages = 0

    def timeline(self, device_id: str) -> Timeline:
        stamps = self.stamps
        return Timeline(stamps[0], stamps[-1], len(stamps), self.period_s, 1.0, self.fields, False)

    def page(
        self, device_id: str, *, start_ms: int | None = None, end_ms: int | None = None, limit: int = 100, **_: object
    ) -> Readings:
        self.pages += 1
        if self.failure is not None:
            raise self.failure
        low = -(2**60) if start_ms is None else start_ms
        high = 2**60 if end_ms is None else end_ms
        return self._readings(device_id, [t for t in self.stamps if low <= t < high][:limit])

    def newest(self, device_id: str, *, at_ms: int, **_: object) -> Readings:
        if self.failure is not None:
            raise self.failure
        return self._readings(device_id, [t for t in self.stamps if t <= at_ms][-1:])

    def _readings(self, device_id: str, stamps: list[int]) -> Readings:
        t_ms = np.array(stamps, np.int64)
        return Readings(device_id, self.topic, t_ms, {"soc": t_ms.astype(np.float64)})


def manager_of(stamps: Sequence[int], *, topic: str = "bms", period_s: float = 0.01) -> DataManager:
    """A `ListManager` in the clothes of the real one."""
    return cast("DataManager", ListManager(stamps, topic=topic, period_s=period_s))


async def at_once(work: Callable[[], T]) -> T:
    """Runs blocking work where it is."""
    return work()


def runs(work: Callable[[], T]) -> Awaitable[T]:
    """`at_once`, as a feed wants it."""
    return at_once(work)


def small_store(folder: Path, *, rows: int = 200, hole: range = range(0)) -> Managers:
    """Device b1 from MAY_1, 30 s a row, but for `hole`: bms.soc is the number of its row; pcs has every second row."""
    kept = np.array([n for n in range(rows) if n not in hole])
    halved = kept[kept % 2 == 0]
    jobs = (
        signal_job(folder / "raw", "b1/bms.soc", kept * 30.0, kept.astype(np.float64)),
        signal_job(folder / "raw", "b1/pcs.active_power", halved * 30.0, halved.astype(np.float64)),
    )
    ingest([source_of(folder / "raw", *jobs)], folder / "store", workers=0)
    return Managers(Store.open(folder / "store"))


def stamp_of(row: int) -> int:
    """The time (ms) of a row of `small_store`."""
    return MAY_1 + row * 30_000
