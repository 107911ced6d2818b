"""Charts: any span of 21 months to 2,000 points, against others from a Parquet file, and who keeps the spikes."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import orjson
import pandas as pd
import polars as pl
from starlette.requests import Request
from tsdownsample import LTTBDownsampler

from api.memory import steady_pool
from api.series import series_answer
from api.series_query import SeriesQuery
from api.serving import settle_heap
from bench.figures import interleaved, percentile, show, timed_ms
from bessline.sources.base import Float64, Int64, Job, Part, Rows, SignalId, Source
from bessline.store import Store, ingest

DAYS, PERIOD_S, POINTS, SPIKES = 640, 30, 2000, 30
#: Of fewer places p99 is the slowest one.
PLACES = 200
DAY_MS = 86_400_000
FIRST_MS = 1_672_531_200_000
HOLE_MS = FIRST_MS + 300 * DAY_MS + 40_000_000
SIGNAL = SignalId("bess1", "bms", "voltage")
SPANS_DAYS = (1, 7, 30, 90, 180, 365, DAYS)
_REQUEST = Request({"type": "http", "method": "GET", "path": "/series", "headers": []})


@dataclass(frozen=True, slots=True)
class SyntheticJob(Job):
    """Two swings a day with noise and drifting steps, a hole of one day, and single samples that stand out."""

    file: Path
    signals: tuple[SignalId, ...] = (SIGNAL,)
    reading: str = "synthetic"

    def rows(self) -> tuple[Int64, Float64, Int64]:
        """Stamps, values, and the stamps of the spikes."""
        random = np.random.default_rng(0)
        t_ms = FIRST_MS + np.cumsum(random.choice([29_000, 30_000, 31_000], DAYS * DAY_MS // (PERIOD_S * 1000)))
        t_ms = t_ms[(t_ms < HOLE_MS) | (t_ms >= HOLE_MS + DAY_MS)]
        value = np.round(840 + 20 * np.sin((t_ms / DAY_MS) * 4 * np.pi) + random.normal(0, 0.5, len(t_ms)), 1)
        at = np.sort(random.choice(len(t_ms), SPIKES, replace=False))
        value[at] = np.where(np.arange(SPIKES) % 2, 875.0, 805.0) + np.arange(SPIKES) / 10
        return t_ms, value, t_ms[at]

    def read(self) -> Iterator[Part]:
        """All rows at once."""
        t_ms, value, _ = self.rows()
        yield Rows(SIGNAL, t_ms, value)


def main(folder: Path) -> None:
    """For each span: how long it takes cold and warm, how many spikes are drawn, and what pandas does."""
    file = folder / "series.txt"
    file.write_text("the rows are made, not read")
    job = SyntheticJob(file)
    if not (folder / "series" / "manifest.json").exists():
        ingest([Source(folder, "synthetic", "UTC", whole_rows=False, jobs=(job,))], folder / "series")
    t_ms, value, spikes = job.rows()
    peer = folder / "series.parquet"
    if not peer.exists():
        pd.DataFrame({"v": value}, index=pd.to_datetime(t_ms, unit="ms").rename("t")).to_parquet(peer)
    os.sync()  # else who reads from the disk waits for what was written before
    steady_pool()  # as the server does when it starts, and when it is ready
    settle_heap()
    print(f"{len(t_ms):,} rows of {DAYS} days to {POINTS} points (JSON, checksums verified)")
    for days in SPANS_DAYS:
        _span(folder, days, spikes)
    gc.unfreeze()
    _against_others(folder, spikes)


def _query(first_ms: int, days: float) -> SeriesQuery:
    start, end = (np.datetime64(first_ms + round(at * DAY_MS), "ms") for at in (0, days))
    return SeriesQuery(device_id="bess1", signals="bms.voltage", start=f"{start}Z", end=f"{end}Z", max_points=POINTS)


def _answer(store: Store, query: SeriesQuery) -> bytes:
    return bytes(series_answer(_REQUEST, query, store).body)


def _kept(body: bytes, spikes: Int64, query: SeriesQuery) -> tuple[int, int, int]:
    """Spikes drawn and to be drawn, and breaks."""
    (found,) = orjson.loads(body)["series"]
    drawn = {stamp for stamp, value in zip(found["t"], found["v"], strict=True) if value is not None}
    stamps = [f"{np.datetime64(at, 'ms')}Z" for at in spikes.tolist()]
    inside = [stamp for stamp in stamps if str(query.start) <= stamp < str(query.end)]
    return len(drawn & set(inside)), len(inside), found["v"].count(None)


def _span(folder: Path, days: int, spikes: Int64) -> None:
    """Places in the history at random, each asked for cold, from the disk, and then warm."""
    cold, warm = [], []
    kept = wanted = 0
    starts = np.random.default_rng(days).uniform(0, DAYS - days, PLACES)
    for place, start in enumerate(starts.tolist()):
        query = _query(FIRST_MS + round(start * DAY_MS), days)
        _forget(folder / "series")
        store = Store.open(folder / "series")
        cold.append(timed_ms(partial(_answer, store, query)))
        warm.append(min(timed_ms(partial(_answer, store, query)) for _ in range(1)))
        if place < 10:
            found = _kept(_answer(store, query), spikes, query)
            kept, wanted = kept + found[0], wanted + found[1]
    p50, p99 = percentile(cold, 0.5), percentile(cold, 0.99)
    print(
        f"  {days:4} days  cold p50 {p50:6.2f} p99 {p99:6.2f} ms  warm p50 {percentile(warm, 0.5):6.2f} "
        f"p99 {percentile(warm, 0.99):6.2f} ms  spikes {kept} of {wanted}"
    )


def _forget(store: Path) -> None:
    """Let the system drop what it holds of the store's files."""
    for path in store.rglob("*.parquet"):
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def _against_others(folder: Path, spikes: Int64) -> None:
    query = _query(FIRST_MS, DAYS)
    store = Store.open(folder / "series")
    kept, wanted, breaks = _kept(_answer(store, query), spikes, query)
    drawn: dict[str, pd.Series] = {}

    def resample() -> None:
        frame = pd.read_parquet(folder / "series.parquet")
        drawn["pandas, resample(mean)"] = frame["v"].resample(f"{DAYS * 86_400 // POINTS}s").mean()

    def lttb() -> None:
        frame = pd.read_parquet(folder / "series.parquet")
        stamps, values = frame.index.to_numpy(), frame["v"].to_numpy()
        drawn["pandas + LTTB"] = frame["v"].iloc[LTTBDownsampler().downsample(stamps, values, n_out=POINTS)]  # type: ignore[no-untyped-call]

    peer, width_s = folder / "series.parquet", DAYS * 86_400 // POINTS
    means = pl.scan_parquet(peer).group_by_dynamic("t", every=f"{width_s}s").agg(pl.col("v").mean())
    sql = f"select time_bucket(interval {width_s} seconds, t) b, avg(v) from '{peer}' group by b order by b"
    calls: dict[str, Callable[[], object]] = {
        "ours, all of it": partial(_answer, store, query),
        "pandas, resample(mean)": resample,
        "pandas + LTTB": lttb,
        "polars, means": means.collect,
        "duckdb, means": lambda: duckdb.execute(sql).fetchall(),
    }
    show(interleaved(calls, rounds=9), against="ours, all of it")
    print(f"  spikes of one sample: ours {kept} of {wanted}, {breaks} break for the hole of a day")
    for name, line in drawn.items():
        value = line.to_numpy()
        seen = int(((value > 870) | (value < 811)).sum())
        print(f"  {name}: {seen} of {wanted}")
