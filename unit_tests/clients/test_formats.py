"""The examples of the README in Python, run as they stand there against a real server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from unit_tests.served import Plant

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
(EXAMPLE,) = (block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "duckdb" in block)
IMPORTS, *LINES = (line for line in EXAMPLE.splitlines() if line)


def run(line: str, plant: Plant) -> Any:
    """One line of the example, asked of the running server."""
    names: dict[str, Any] = {}
    exec(IMPORTS, names)
    return eval(line.replace("localhost:8002", urlsplit(plant.url).netloc), names)


@pytest.fixture(scope="module")
def results(plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What each line gives, run in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("example"))
        found = [run(line, plant) for line in LINES]
        return [*found[:-1], found[-1].fetchall()]


def test_every_line_gives_the_same_table(results: list[Any]) -> None:
    by_pandas, by_polars, by_csv, by_arrow, _, by_duckdb = results
    assert isinstance(by_pandas, pd.DataFrame)
    assert isinstance(by_polars, pl.DataFrame)
    assert isinstance(by_arrow, pa.Table)
    assert len(by_pandas) > 1000
    assert str(by_pandas["timestamp"].dtype) == "datetime64[ms, UTC]"
    assert by_polars.equals(pl.DataFrame(by_arrow))
    assert pl.from_pandas(by_pandas).equals(by_polars)
    assert by_csv.with_columns(pl.col("timestamp").cast(pl.Datetime("ms", "UTC"))).equals(by_polars)
    assert 0 < by_duckdb[0][0] < 100


def test_polars_reads_a_file_that_nobody_made_yet(plant: Plant) -> None:
    """It asks for the end of the file first; and a page is a file, too."""
    assert pl.read_parquet(f"{plant.url}/pcs/bess1.parquet?fields=frequency").height > 1000
    assert pl.read_parquet(f"{plant.url}/pcs/bess1.parquet?fields=frequency&batch_size=7").height == 7
    with duckdb.connect() as connection:
        page = pl.read_parquet(f"{plant.url}/safety/bess1.parquet?batch_size=3")
        assert connection.sql("select count(*) from page").fetchall() == [(page.height,)]
