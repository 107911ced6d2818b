"""One small plant for all tests of the exports: made once a session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bessline.demo import make_demo


class Exports:
    """A made plant, as a reader of its files sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.truth: dict[str, Any] = json.loads((path / "truth.json").read_text())

    def device(self, device_id: str = "bess1") -> dict[str, Any]:
        """The truth of one device."""
        found: dict[str, Any] = self.truth["devices"][device_id]
        return found

    def file(self, stem: str, *, at: str = "BESS/bess1") -> Path:
        """The file of one signal."""
        return self.path / at / f"{stem}.csv"

    def read(self, stem: str, *, at: str = "BESS/bess1") -> pl.DataFrame:
        """Rows of one signal: `s` (seconds of local time since the epoch) and `value`."""
        table = pl.read_csv(self.file(stem, at=at), schema_overrides={stem: pl.Float64})
        stamp = pl.col("ts").str.to_datetime("%Y-%m-%d %H:%M:%S").dt.epoch("s")
        return table.select(stamp.alias("s"), pl.col(stem).alias("value"))


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    """One day of one unit, with the default faults."""
    path = tmp_path_factory.mktemp("demo") / "plant"
    make_demo(path, days=1, devices=1, seed=1)
    return Exports(path)
