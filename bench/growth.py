"""A day appended to signal files of 640 days: what taking it in costs, beside the whole and beside a bare parse."""

from __future__ import annotations

import shutil
import time
from datetime import date, timedelta
from pathlib import Path

from bench.ingest import BYTES, children_s, parse
from bench.tiled import MONTHS_21_DAYS, tiled_folder
from bessline.sources import open_source
from bessline.store import ingest

FILES, DAYS = 16, 3


def main(folder: Path) -> None:
    """Ingest some files, append a day to each, and ingest again, three times; print processor seconds."""
    tiled, raw, store = tiled_folder(folder, nbytes=BYTES), folder / "growing", folder / "grown"
    for path in (raw, store):
        shutil.rmtree(path, ignore_errors=True)
    raw.mkdir()
    (raw / "bessline.yaml").write_bytes((tiled / "bessline.yaml").read_bytes())
    files = [raw / "bess1" / file.name for file in sorted(tiled.rglob("*.csv"))[:: 64 // FILES]]
    files[0].parent.mkdir()
    for file in files:
        shutil.copy(next(tiled.rglob(file.name)), file)
    whole, rows, _ = _taken_in(raw, store)
    bare = sum(map(parse, files))
    print(f"{len(files)} files of {MONTHS_21_DAYS} days, {rows:,} rows: {whole:.2f} CPU s; bare parse {bare:.2f} s")
    day = date(2024, 5, 1) + timedelta(days=MONTHS_21_DAYS)
    for number in range(DAYS):
        for file in files:
            _append(file, day + timedelta(days=number))
        cpu, rows, wall = _taken_in(raw, store)
        print(f"  a day more, {rows:,} rows: {cpu:.2f} CPU s, {cpu / whole:.2f} of the whole, {wall:.2f} s of time")


def _taken_in(raw: Path, store: Path) -> tuple[float, int, float]:
    """Processor seconds of the workers, rows, and seconds of time."""
    cpu, began = children_s(), time.perf_counter()
    report = ingest([open_source(raw)], store, workers=2)
    return children_s() - cpu, report.rows, time.perf_counter() - began


def _append(file: Path, day: date) -> None:
    """The rows of the file's first day, on another one."""
    with file.open("r+b") as handle:
        lines = handle.read(1 << 20).split(b"\n")[1:]
        first = lines[0][:10]
        handle.seek(0, 2)
        handle.writelines(day.isoformat().encode() + line[10:] + b"\n" for line in lines if line.startswith(first))
