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

from api.serving import settle_heap
from bench import alignment, exports
from bench.figures import interleaved, percentile, show, timed_ms
from bench.tiled import tiled_store
from bessline.export import Wanted, export
from bessline.formats import json_rows
from bessline.managers import DataManager, Managers
from bessline.store import Store

LIMIT, DEPTHS = 1000, 400


def main(folder: Path) -> None:
    """All of it."""
    pages(folder)
    alignment.main(folder)
    exports.main(folder)


def pages(folder: Path) -> None:
    """A page of 1,000 bms readings of a 21-month device as JSON: at the start, at the end, at depths at random."""
    managers = Managers(Store.open(tiled_store(folder)))
    bms = managers["bms"]
    (device,) = bms.devices()
    total = bms.count(device)
    print(f"pages of {LIMIT:,} of {total:,} readings x {len(bms.fields)} fields as JSON, checksums verified")

    def ours(skip: int) -> Callable[[], object]:
        return lambda: json_rows(bms.page(device, skip=skip, limit=LIMIT))

    settle_heap()  # as the server does when it is ready
    calls = {"first page": ours(0), "middle page": ours(total // 2), "last page": ours(total - LIMIT)}
    show(interleaved(calls, rounds=100), against="first page")
    _anywhere(bms, device, total)
    gc.unfreeze()
    wide = folder / "wide-bms.parquet"
    if not wide.exists():
        export(managers, Wanted(device, "bms"), wide)
    skip = total - LIMIT
    query = f"select * from '{wide}' order by timestamp limit {LIMIT} offset {skip}"
    calls = {
        "ours, last page": calls["last page"],
        "pandas": lambda: pd.read_parquet(wide).iloc[skip : skip + LIMIT].to_json(orient="records", date_format="iso"),
        "polars": lambda: pl.scan_parquet(wide).slice(skip, LIMIT).collect().write_ndjson(),
        "duckdb": lambda: duckdb.execute(query).df().to_json(orient="records", date_format="iso"),
    }
    print("the last page; the others read one file that is aligned already, and verify nothing")
    show(interleaved(calls, rounds=7), against="ours, last page")


def _anywhere(bms: DataManager, device: str, total: int) -> None:
    """Pages at random, most of which nobody read before."""
    depths = random.Random(1)
    times = [
        timed_ms(lambda skip=skip: json_rows(bms.page(device, skip=skip, limit=LIMIT)))  # type: ignore[misc]
        for skip in (depths.randrange(total - LIMIT) for _ in range(DEPTHS))
    ]
    p50, p99 = statistics.median(times), percentile(times, 0.99)
    print(f"  {DEPTHS} pages anywhere                 p50 {p50:9.2f} ms  p99 {p99:9.2f} ms")
