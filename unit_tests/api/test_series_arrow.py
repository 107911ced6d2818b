"""An Arrow stream of series: one frame, the same values and types as the JSON."""

import io
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from api.series_arrow import ARROW, SCHEMA
from unit_tests.api.client import Client

QUERY: dict[str, Any] = {
    "device_id": "bess1,m1",
    "signals": "bms.soc,safety.fa1_smoke_flag,meter.active_power",
    "resolution": "15min",
}


def test_the_stream_holds_what_the_json_says(server: Client) -> None:
    body = server.json("/series", **QUERY)["series"]
    answer = server.get("/series", headers={"Accept": ARROW}, **QUERY)
    assert answer.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(answer.content).read_all()
    table.validate(full=True)
    assert table.schema == SCHEMA
    columns = table.to_pydict()
    for name, column in (("v", "v"), ("min", "min"), ("max", "max")):
        assert columns[column] == [value for found in body for value in found[name]]
    said = [np.datetime64(stamp[:-1]) for found in body for stamp in found["t"]]
    assert [np.datetime64(stamp.replace(tzinfo=None)) for stamp in columns["t"]] == said
    assert columns["signal"] == [found["signal"] for found in body for _ in found["t"]]


def test_rows_as_they_are_have_no_least_and_greatest(server: Client) -> None:
    """And polars reads it as it stands."""
    content = server.get("/series", **(QUERY | {"resolution": "raw"}), format="arrow").content
    frame = pl.read_ipc_stream(io.BytesIO(content))
    assert frame["t"].dtype == pl.Datetime("ms", "UTC")
    assert frame["min"].null_count() == frame["max"].null_count() == len(frame)
    assert frame["v"].is_nan().sum() == 0


def test_json_asked_for_first_is_json(server: Client) -> None:
    for accept in ("application/json", "*/*", f"application/json, {ARROW}"):
        assert server.get("/series", headers={"Accept": accept}, **QUERY).headers["content-type"] == "application/json"
