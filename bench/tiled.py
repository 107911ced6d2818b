"""A store of many months made from a few days: the rows of a demo plant, laid end to end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from bessline.demo import make_demo
from bessline.signals import BESS_TOPICS
from bessline.sources import open_source
from bessline.sources.base import Job, Part, Rows, SignalId
from bessline.sources.seconds import earlier
from bessline.store import ingest

MONTHS_21_DAYS, EXPORT_DAYS = 640, 64


@dataclass(frozen=True, slots=True)
class TiledJob(Job):
    """The rows of `job`, `times` times, each tile `step_ms` later than the one before."""

    job: Job
    times: int
    step_ms: int
    file: Path
    signals: tuple[SignalId, ...]

    @property
    def reading(self) -> str:
        """How the file is read."""
        return f"{self.job.reading}, {self.times} times"

    def read(self) -> Iterator[Part]:
        """One day's rows in memory, tile by tile."""
        parts = [part for part in self.job.read() if isinstance(part, Rows)]
        for tile in range(self.times):
            for part in parts:
                yield replace(part, stamps=earlier(part.stamps, -tile * self.step_ms))


def tiled_store(folder: Path, *, days: int = MONTHS_21_DAYS, topics: tuple[str, ...] = BESS_TOPICS) -> Path:
    """A store of one device without cells over `days` days in `folder`, kept there for the next run."""
    name = f"tiled-{days}" if topics == BESS_TOPICS else f"tiled-{days}-{'-'.join(topics)}"
    store, raw = folder / name, folder / "raw"
    if (store / "manifest.json").exists():
        return store
    if not raw.exists():
        make_demo(raw, days=4, devices=1, seed=1, faults="none")
    source = open_source(raw)
    jobs = [
        TiledJob(job, times=days // 4, step_ms=4 * 86_400_000, file=job.file, signals=job.signals)
        for job in source.jobs
        if job.signals[0].topic in topics
    ]
    ingest([replace(source, jobs=tuple(jobs))], store)
    return store


def tiled_folder(folder: Path, *, nbytes: int, days: int = MONTHS_21_DAYS) -> Path:
    """Exports of `days` days a file, as long as real ones are, of as many signals as `nbytes` hold; kept there.

    They repeat after `EXPORT_DAYS`: longer than any row group of a store, so that no codec meets the same day twice.
    """
    raw, tiled = folder / "raw-exports", folder / f"exports-{days}"
    if (tiled / "done").exists():
        return tiled
    shutil.rmtree(raw, ignore_errors=True)
    make_demo(raw, days=EXPORT_DAYS, devices=1, seed=1, faults="none")
    shutil.rmtree(tiled, ignore_errors=True)
    written = 0
    # every kind of signal in turn: the first of each twelve files, then the second, ...
    files = sorted((raw / "BESS").rglob("*.csv"))
    for file in [file for start in range(12) for file in files[start::12]]:
        if written >= nbytes:
            break
        target = tiled / file.relative_to(raw)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            out.writelines(_tiles(file.read_bytes(), times=days // EXPORT_DAYS))
        written += target.stat().st_size
    (tiled / "bessline.yaml").write_bytes((raw / "bessline.yaml").read_bytes())
    shutil.rmtree(raw)
    (tiled / "done").touch()
    return tiled


def _tiles(data: bytes, *, times: int) -> Iterator[bytes]:
    """The header, and the rows `times` times, `EXPORT_DAYS` later each time."""
    header, _, body = data.partition(b"\n")
    yield header + b"\n"
    days = {body[:10]} | {line[:10] for line in body.split(b"\n")[:-1]}
    for tile in range(times):
        lines = b"\n" + body
        # the latest day first: no day is moved twice
        for day in sorted(days, reverse=True):
            moved = date.fromisoformat(day.decode()) + timedelta(days=EXPORT_DAYS * tile)
            lines = lines.replace(b"\n" + day, b"\n" + moved.isoformat().encode())
        yield lines[1:]
