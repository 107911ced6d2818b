"""A small plant and a small method for the tests of the analyst."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bessline.analyst import checkpoint
from bessline.analyst.database import Database
from bessline.analyst.events import Events, Wish
from bessline.analyst.log import Log
from bessline.analyst.watch import Watch
from bessline.analytics import Analytic, Event, Reading, Subject
from bessline.sources.base import Float64, Job
from bessline.store import Store, ingest
from bessline.times import rfc3339
from unit_tests.plants import signal_job, source_of


class Smoothed(Analytic):
    """Says when a signal leaves its smoothed value; what it knows depends on all that it ever saw."""

    name = "anomaly"

    def __init__(self, subject: Subject) -> None:
        self._signals = subject.signals
        self._level = np.full(len(subject.signals), np.nan)
        self.seen = 0

    def update(self, reading: Reading) -> Sequence[Event]:
        self.seen += 1
        known = ~np.isnan(reading.value)
        self._level = np.where(np.isnan(self._level), reading.value, self._level)
        off = np.abs(reading.value - self._level)
        self._level = np.where(known, 0.9 * self._level + 0.1 * reading.value, self._level)
        return [
            Event(self.name, reading.t_ms, {"timestamp": rfc3339(reading.t_ms), "signal": name, "score": float(size)})
            for name, size in zip(self._signals, off, strict=True)
            if size > 5
        ]

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen, "level": [None if np.isnan(each) else float(each) for each in self._level]}


def make(subject: Subject) -> list[Analytic]:
    return [Smoothed(subject)]


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a checkpoint hold the methods of the tests."""
    monkeypatch.setattr(checkpoint, "OURS", ("bessline.analytics.", __name__))


def saw(rows: int, *, first: int = 0) -> Float64:
    """A value that jumps now and then."""
    n = np.arange(first, first + rows)
    return np.where(n % 97 == 50, 80.0, 50.0 + n % 7).astype(np.float64)


def job(folder: Path, *, rows: int, first: int = 0, name: str = "b1/bms.soc") -> Job:
    """Rows of 30 s."""
    n = np.arange(first, first + rows)
    return signal_job(folder / f"raw{first}", name, (n * 30.0).astype(np.float64), saw(rows, first=first))


def store_of(folder: Path, *, rows: int = 400) -> Store:
    """Device b1 with one signal and two cells."""
    jobs = [job(folder, rows=rows, name=name) for name in ("b1/bms.soc", "b1/cells.p1_v2", "b1/cells.p1_v10")]
    ingest([source_of(folder / "raw0", *jobs)], folder / "store", workers=0)
    return Store.open(folder / "store")


def log_of(store: Store, folder: Path) -> Log:
    return Log(Database(folder / "analytics.db", store_id=store.id))


def watch_of(store: Store, log: Log) -> Watch:
    watch = Watch("b1", store=store, log=log, make=make)
    watch.look()
    return watch


def scores(log: Log) -> list[tuple[str, str, float]]:
    """All that was found of b1."""
    page = Events(log.database).page(Wish("b1", "anomaly"), limit=10_000)
    return [(entry.data["timestamp"], entry.data["signal"], entry.data["score"]) for entry in page]
