"""History: pages at any depth, alignment, exports; ours and others doing the same by the shortest honest script."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

from api.memory import steady_pool
from api.serving import settle_heap
from bench import alignment, exports
from bench.figures import interleaved, percentile, show, timed_ms
from bench.tiled import tiled_store
from bessline.export import Wanted, export
from bessline.formats import json_rows
from bessline.managers import DataManager, Managers
from bessline.store import Store

LIMIT, DEPTHS, ROUNDS = 1000, 400, 15
PANDAS = "pandas, checksums verified"


def main(folder: Path) -> None:
    """All of it."""
    pages(folder)
    alignment.main(folder)
    exports.main(folder)


def pages(folder: Path) -> None:
    """A page of 1,000 bms readings of a 21-month device as JSON: at the start, at the end, at depths at random."""
    steady_pool()  # as the server does when it starts
    managers = Managers(Store.open(tiled_store(folder)))
    bms = managers["bms"]
    (device,) = bms.devices()
    total = bms.count(device)
    print(f"pages of {LIMIT:,} of {total:,} readings x {len(bms.fields)} fields as JSON, checksums verified")

    def ours(skip: int) -> Callable[[], object]:
        return lambda: json_rows(bms.page(device, skip=skip, limit=LIMIT))

    managers.store.reserve()  # as the server does when it is ready
    settle_heap()
    calls = {"first page": ours(0), "middle page": ours(total // 2), "last page": ours(total - LIMIT)}
    show(interleaved(calls, rounds=100), against="first page")
    _anywhere(bms, device, total)
    gc.unfreeze()
    _deepest(folder, managers, skip=total - LIMIT)


def _deepest(folder: Path, managers: Managers, *, skip: int) -> None:
    """The last page: ours when it was read before, and from a store just opened, against the shortest scripts.

    Most of these read one file that somebody has aligned before. The last one starts as we do, from a file a signal.
    """
    bms = managers["bms"]
    (device,) = bms.devices()
    wide = folder / "wide-bms.parquet"
    if not wide.exists():
        export(managers, Wanted(device, "bms"), wide)
    cold = "ours, cold (a store just opened)"
    query = f"select * from '{wide}' order by timestamp limit {LIMIT} offset {skip}"
    both: dict[str, Callable[[], object]] = {
        "ours, warm": lambda: json_rows(bms.page(device, skip=skip, limit=LIMIT)),
        PANDAS: lambda: _json(pd.read_parquet(wide, page_checksum_verification=True).iloc[skip : skip + LIMIT]),
    }
    print("the last page in turn with pandas, which leaves nothing of ours in the processor's caches")
    show(interleaved(both, rounds=ROUNDS), against="ours, warm")
    calls: dict[str, Callable[[], object]] = {
        **both,
        cold: _opened_anew(managers.store.path, device, skip, times=ROUNDS + 1),
        "pandas": lambda: _json(pd.read_parquet(wide).iloc[skip : skip + LIMIT]),
        "polars": lambda: pl.scan_parquet(wide).slice(skip, LIMIT).collect().write_ndjson(),
        "duckdb": lambda: _json(duckdb.execute(query).df()),
    }
    print("all of them in turn")
    show(interleaved(calls, rounds=ROUNDS), against="ours, warm")
    signals = alignment.measured(managers.store, device, folder / "alignment", topic="bms", most=len(bms.fields))
    timeline = managers.store.path / managers.store.devices[device].topics["bms"].timeline
    stamps = alignment.plain(timeline, folder / "alignment")
    calls = {
        cold: _opened_anew(managers.store.path, device, skip, times=4),
        "pandas, from a file a signal": lambda: _json(
            alignment.by_pandas(pd.read_parquet(stamps), signals).iloc[skip : skip + LIMIT]
        ),
    }
    show(interleaved(calls, rounds=3), against=cold)


def _opened_anew(store: Path, device: str, skip: int, *, times: int) -> Callable[[], object]:
    """The page from a store that nothing was read from yet; can be called so many times."""
    opened = iter([Managers(Store.open(store))["bms"] for _ in range(times)])
    return lambda: json_rows(next(opened).page(device, skip=skip, limit=LIMIT))


def _json(frame: pd.DataFrame) -> object:
    return frame.to_json(orient="records", date_format="iso")


def _anywhere(bms: DataManager, device: str, total: int) -> None:
    """Pages at random, most of which nobody read before."""
    depths = random.Random(1)
    times = [
        timed_ms(lambda skip=skip: json_rows(bms.page(device, skip=skip, limit=LIMIT)))  # type: ignore[misc]
        for skip in (depths.randrange(total - LIMIT) for _ in range(DEPTHS))
    ]
    p50, p99 = statistics.median(times), percentile(times, 0.99)
    print(f"  {DEPTHS} pages anywhere                 p50 {p50:9.2f} ms  p99 {p99:9.2f} ms")
