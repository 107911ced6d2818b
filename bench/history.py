"""Pages: deep against first, and against pandas doing the same from one wide Parquet file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from bench.figures import interleaved, show
from bench.tiled import tiled_store
from bessline.managers import Managers
from bessline.store import Store


def main(folder: Path) -> None:
    """A page of 1,000 bms readings of a 21-month device, at the start, in the middle and at the end."""
    managers = Managers(Store.open(tiled_store(folder)))
    bms = managers["bms"]
    (device,) = bms.devices()
    total = bms.count(device)
    wide = folder / "wide.parquet"
    if not wide.exists():
        parts = [pd.DataFrame({"timestamp": part.t_ms, **part.columns}) for part in bms.walk(device, chunk=100_000)]
        pd.concat(parts).to_parquet(wide)

    def ours(skip: int) -> Callable[[], object]:
        return lambda: bms.page(device, skip=skip, limit=1000).rows()

    calls = {"first page": ours(0), "middle page": ours(total // 2), "last page": ours(total - 1000)}
    print(f"pages of 1,000 of {total:,} readings x {len(bms.fields)} fields")
    show(interleaved(calls), against="first page")
    calls = {
        "ours, last page": calls["last page"],
        "pandas, last page": lambda: pd.read_parquet(wide).iloc[total - 1000 :].to_dict("records"),
    }
    show(interleaved(calls, rounds=7), against="ours, last page")
