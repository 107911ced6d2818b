"""What others do with the same files: the last of equal stamps, Parquet, and buckets of four widths, in few lines.

They take the stamps as they stand, look at no value, count and reject nothing, and know neither when the extremes came
nor how to go on after a kill.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

_WIDTHS = ("5min", "15min", "1h", "1d")

#: Takes the files of signals into an empty folder.
Peer = Callable[[Sequence[Path], Path], object]


def by_pandas(files: Sequence[Path], out: Path) -> None:
    """One process; nothing of it has threads."""
    for file in files:
        frame = pd.read_csv(file, header=0, names=["t", "value"], parse_dates=["t"])
        frame = frame.sort_values("t", kind="stable").drop_duplicates("t", keep="last")
        frame.to_parquet(out / f"{file.stem}.parquet")
        values = frame.set_index("t")["value"]
        for width in _WIDTHS:
            levels = values.resample(width).agg(["sum", "count", "min", "max", "last"]).dropna()
            levels.to_parquet(out / f"{file.stem}-{width}.parquet")


def by_polars(files: Sequence[Path], out: Path) -> None:
    """With as many threads as there are cores."""
    value = pl.col("value")
    figures = [value.sum().alias("sum"), value.len().alias("n"), value.min().alias("min"), value.max().alias("max")]
    for file in files:
        frame = pl.read_csv(file, new_columns=["t", "value"], schema_overrides=[pl.Datetime("ms"), pl.Float64])
        frame = frame.unique("t", keep="last", maintain_order=True).sort("t")
        frame.write_parquet(out / f"{file.stem}.parquet")
        for width in _WIDTHS:
            every = width.replace("min", "m")
            levels = frame.group_by_dynamic("t", every=every).agg(*figures, value.last().alias("last"))
            levels.write_parquet(out / f"{file.stem}-{width}.parquet")


def by_duckdb(files: Sequence[Path], out: Path) -> None:
    """With as many threads as there are cores."""
    for file in files:
        rows = f"read_csv('{file}', header=true, names=['t', 'value'], types=['TIMESTAMP', 'DOUBLE'])"
        with duckdb.connect() as own:
            own.sql(f"create table x as select t, last(value) as value from {rows} group by t order by t")
            own.sql(f"copy x to '{out / file.stem}.parquet'")
            for width in _WIDTHS:
                query = f"""select time_bucket(interval '{width}', t) as b, sum(value), count(value), min(value),
                    max(value), arg_max(value, t) from x group by b order by b"""
                own.sql(f"copy ({query}) to '{out / file.stem}-{width}.parquet'")


PEERS: dict[str, Peer] = {"pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}
