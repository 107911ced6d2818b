"""Six hundred mutations of the files of a store: an answer is right, or an error of the house. Never a wrong value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bessline.errors import BesslineError
from bessline.managers import Managers
from bessline.quality.losses import losses
from bessline.quality.report import Asked, page
from bessline.sources.base import REJECT_SCHEMA, Job, Rejects
from bessline.store import Store, ingest
from bessline.store.inlet import Inlet
from bessline.store.series import Wish, series
from bessline.store.verify import verify
from unit_tests.batches import batch_of
from unit_tests.plants import signal_job, source_of

MUTATIONS = 600
Mutate = Callable[[bytearray, np.random.Generator], None]


def _flip(data: bytearray, rng: np.random.Generator) -> None:
    data[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))


def _truncate(data: bytearray, rng: np.random.Generator) -> None:
    del data[int(rng.integers(len(data))) :]


def _zero(data: bytearray, rng: np.random.Generator) -> None:
    at, size = int(rng.integers(len(data))), int(rng.integers(1, 600))
    data[at : at + size] = bytes(len(data[at : at + size]))


def _swap(data: bytearray, rng: np.random.Generator) -> None:
    size = min(int(rng.integers(1, 513)), len(data) // 2)
    first = int(rng.integers(len(data) - 2 * size + 1))
    second = int(rng.integers(first + size, len(data) - size + 1))
    data[first : first + size], data[second : second + size] = data[second : second + size], data[first : first + size]


MUTATE: tuple[Mutate, ...] = (_flip, _truncate, _zero, _swap)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of two topics, several row groups a file, and a journal."""
    monkeypatch.setattr("bessline.store.columns.ROW_GROUP", 150)
    monkeypatch.setattr("bessline.store.pyramid_file.ROW_GROUP", 40)
    rng, t_s = np.random.default_rng(7), np.arange(450.0) * 60.0
    names = {"b1/bms.soc": 1, "b1/env.temperature": 7, "b1/cells.p1_v1": None}
    jobs: list[Job] = []
    for name, places in names.items():
        value = rng.normal(20, 5, len(t_s))
        jobs.append(signal_job(tmp_path / "raw", name, t_s, value if places is None else value.round(places)))
    jobs.append(_with_lost_rows(tmp_path / "raw"))
    assert ingest([source_of(tmp_path / "raw", *jobs)], tmp_path / "store", workers=0).refused == []
    inlet = Inlet(Store.open(tmp_path / "store"))
    for at in range(3):
        inlet.write([batch_of("b1", "bms", [(27_000 + 60 * at, {"soc": 50.0 + at})])])
    inlet.close()
    return tmp_path / "store"


def _with_lost_rows(folder: Path) -> Job:
    """One that was replaced and one that could not be read."""
    job = signal_job(folder, "b1/bms.soh", [0.0, 60.0, 60.0, 120.0], [99.0, 99.0, 98.0, 98.0])
    lost = {"line": [5], "reason": ["'x' is not a number"], "text": ["2024-05-01 00:03:00,x"]}
    return replace(job, parts=(*job.parts, Rejects(pa.table(lost, REJECT_SCHEMA))))


def answers(store: Path) -> dict[str, Any]:
    """What a user can ask for: every reading, charts at each level, coverage. An error of the house is an answer."""
    try:
        opened = Store.open(store)
    except BesslineError as error:
        return {"store": error}
    managers = Managers(opened)
    asked: dict[str, Callable[[], Any]] = {
        f"page {topic}": partial(_page, managers, topic) for topic in ("bms", "bess")
    }
    wishes = (
        Wish("b1", "env.temperature", most=100, resolution="5min"),
        Wish("b1", "cells.p1_v1", most=100, resolution="raw"),
        Wish("b1", "cells.p1_v1", most=100, resolution="1h"),
    )
    asked |= {f"{wish.name} {wish.resolution}": partial(_series, opened, wish) for wish in wishes}
    asked["devices"] = lambda: {name: asdict(entry) for name, entry in opened.devices.items()}
    asked["losses"] = lambda: repr(losses(opened, "b1", "bms.soh", timezone="UTC"))
    asked["coverage"] = lambda: repr(page(opened, Asked("b1", ("bms.soc",))))
    return {name: _answer(ask) for name, ask in asked.items()}


def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except BesslineError as error:
        return error


def _page(managers: Managers, topic: str) -> bytes:
    found = managers[topic].page("b1", limit=10_000)
    return found.t_ms.tobytes() + b"".join(column.tobytes() for column in found.columns.values())


def _series(store: Store, wish: Wish) -> bytes:
    found = series(store, wish)
    return found.t_ms.tobytes() + found.value.tobytes()


def test_no_mutation_reads_as_a_wrong_value(store: Path) -> None:
    """Each that changes an answer is an error there, or (live input) is counted by the journal's checksums."""
    right = answers(store)
    assert not any(isinstance(answer, BesslineError) for answer in right.values())
    files = [
        path
        for path in sorted(store.rglob("*"))
        if path.is_file() and path.suffix in (".parquet", ".json", ".log", ".csv")
    ]
    rng, seen = np.random.default_rng(600), Counter[str]()
    for number in range(MUTATIONS):
        path = files[number % len(files)]
        good = path.read_bytes()
        data = bytearray(good)
        MUTATE[int(rng.integers(len(MUTATE)))](data, rng)
        path.write_bytes(data)
        seen[_outcome(store, right, path)] += 1 if data != good else 0
        path.write_bytes(good)
    assert seen["refused"] > MUTATIONS / 2
    assert sum(seen.values()) >= 0.95 * MUTATIONS, seen  # the rest changed zeros to zeros
    assert answers(store) == right


def _outcome(store: Path, right: dict[str, Any], path: Path) -> str:
    found = answers(store)
    verdict = verify(store)
    told = bool(verdict.damages or verdict.notes)
    refused = {name for name, answer in found.items() if isinstance(answer, BesslineError)}
    wrong = {name for name in found.keys() - refused if found[name] != right[name]}
    assert not wrong or (path.suffix == ".log" and told), f"{path.name}: {wrong}"
    assert told or not refused, f"{path.name}: {refused} refused, and verify found nothing"
    return "refused" if refused else "counted" if wrong else "found by verify" if told else "nothing needs these bytes"
