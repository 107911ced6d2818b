"""Alignment: 900,000 readings of 28 signals from the store's files, against others from plain Parquet files of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bench.figures import interleaved, show
from bench.tiled import tiled_store
from bessline.managers import DataManager, Managers, Readings
from bessline.sources.base import Float64, Int64
from bessline.store import Store
from bessline.store.align import Instants
from bessline.store.archive import names_of
from bessline.store.columns import ColumnFile
from bessline.store.row_group_cache import RowGroupCache

ROWS, FIELDS = 900_000, 28


@dataclass(frozen=True, slots=True)
class Signal:
    """A field, a Parquet file of its observations as floats for the others, and how long a value of it holds."""

    field: str
    file: Path
    tolerance_ms: int


def main(folder: Path) -> None:
    """Once with reading the files, as an export does, and once from what is in memory already."""
    store = Store.open(tiled_store(folder))
    bess = Managers(store)["bess"]
    (device,) = bess.devices()
    signals = measured(store, device, folder / "alignment")
    parts = list(ours(bess, device, signals))
    expected: dict[str, Any] = {
        signal.field: np.concatenate([part.columns[signal.field] for part in parts]) for signal in signals
    }
    expected["t"] = np.concatenate([part.t_ms for part in parts])
    stamps = pd.DataFrame({"t": pd.to_datetime(expected["t"], unit="ms", utc=True).astype("datetime64[ms, UTC]")})
    check(by_pandas(stamps, signals), expected, signals)
    check(by_polars(stamps, signals).to_pandas(), expected, signals)
    print(f"alignment of {ROWS:,} x {len(signals)} from files (values equal)")
    calls: dict[str, Callable[[], object]] = {
        "ours": lambda: sum(len(part) for part in ours(bess, device, signals)),
        "pandas merge_asof": lambda: by_pandas(stamps, signals),
        "polars join_asof": lambda: by_polars(stamps, signals),
    }
    show(interleaved(calls, rounds=5), against="ours")
    calls = {"duckdb asof join": lambda: by_duckdb(stamps, signals[:4])}
    print("  duckdb with 4 of the signals:")
    show(interleaved(calls, rounds=1), against="duckdb asof join")
    in_memory(stamps, expected["t"], signals)


def measured(store: Store, device: str, copies: Path, *, topic: str = "bess", most: int = FIELDS) -> list[Signal]:
    """The first signals of a topic that a unit measures; the others get their rows in plain files in `copies`."""
    entry = store.devices[device]
    period_s = entry.topics[topic].period_s
    names = [name for name in names_of(topic) if name in entry.signals][:most]
    found = [(name.replace(".", "_"), entry.signals[name]) for name in names]
    copies.mkdir(exist_ok=True)
    return [
        Signal(field, plain(store.path / signal.file, copies), signal.tolerance_ms(period_s)) for field, signal in found
    ]


def plain(rows: Path, copies: Path) -> Path:
    """The rows of a file of the store with timestamps and floats: of its decimals pandas makes objects."""
    copy = copies / rows.name
    if not copy.exists():
        t_ms, value = ColumnFile(rows, RowGroupCache()).between(-(2**62), 2**62)
        columns = {"t": pa.array(t_ms).cast(pa.timestamp("ms", "UTC"))}
        if len(value):
            columns["value"] = pa.array(value, from_pandas=True)
        pq.write_table(pa.table(columns), copy)
    return copy


def ours(bess: DataManager, device: str, signals: list[Signal]) -> Iterator[Readings]:
    """The parts of an export."""
    fields, end_ms = [signal.field for signal in signals], int(bess.page(device, skip=ROWS, limit=1, fields=()).t_ms[0])
    return bess.sweep(device, end_ms=end_ms, fields=fields)


def by_pandas(stamps: pd.DataFrame, signals: list[Signal]) -> pd.DataFrame:
    """One `merge_asof` a signal."""

    def merged(frame: pd.DataFrame, signal: Signal) -> pd.DataFrame:
        rows = pd.read_parquet(signal.file).rename(columns={"value": signal.field})
        return pd.merge_asof(frame, rows, on="t", tolerance=pd.Timedelta(signal.tolerance_ms, "ms"))

    return reduce(merged, signals, stamps)


def by_polars(stamps: pd.DataFrame, signals: list[Signal]) -> pl.DataFrame:
    """One `join_asof` a signal, all planned together."""
    frame = pl.from_pandas(stamps).lazy().set_sorted("t")
    for signal in signals:
        rows = pl.scan_parquet(signal.file).rename({"value": signal.field}).set_sorted("t")
        frame = frame.join_asof(rows, on="t", tolerance=f"{signal.tolerance_ms}ms")
    return frame.collect()


def by_duckdb(stamps: pd.DataFrame, signals: list[Signal]) -> object:
    """One ASOF join a signal."""
    joins = "".join(f" asof left join '{s.file}' s{n} on s{n}.t <= stamps.t" for n, s in enumerate(signals))
    values = "".join(
        f", case when stamps.t - s{n}.t <= interval {s.tolerance_ms} milliseconds then s{n}.value end {s.field}"
        for n, s in enumerate(signals)
    )
    found = duckdb.sql(f"select stamps.t{values} from stamps{joins} order by stamps.t")
    return None if found is None else found.to_arrow_table()


def in_memory(stamps: pd.DataFrame, t_ms: Int64, signals: list[Signal]) -> None:
    """The joins alone."""
    frames = [pd.read_parquet(signal.file) for signal in signals]
    rows: list[tuple[Int64, Float64]] = [
        (frame["t"].to_numpy("datetime64[ms]").astype(np.int64), frame["value"].to_numpy(np.float64))
        for frame in frames
    ]
    cuts = [(t[: (end := int(np.searchsorted(t, t_ms[-1], side="right")))], v[:end]) for t, v in rows]
    calls: dict[str, Callable[[], object]] = {
        "ours": lambda: [
            instants.values(t, v, tolerance_ms=s.tolerance_ms)
            for instants in [Instants(t_ms)]
            for (t, v), s in zip(cuts, signals, strict=True)
        ],
        "pandas merge_asof": lambda: [
            pd.merge_asof(stamps, frame, on="t", tolerance=pd.Timedelta(s.tolerance_ms, "ms"))
            for frame, s in zip(frames, signals, strict=True)
        ],
    }
    print("the same from memory, signal by signal, without one frame of all")
    show(interleaved(calls, rounds=5), against="ours")


def check(found: pd.DataFrame, expected: dict[str, Any], signals: list[Signal]) -> None:
    """All values are the same."""
    for signal in signals:
        np.testing.assert_array_equal(found[signal.field].to_numpy(), expected[signal.field], err_msg=signal.field)
