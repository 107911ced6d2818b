"""Series over HTTP: columns that a chart can draw, as they are described, and not twice."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from api.times import rfc3339
from schemas import SeriesAnswer
from unit_tests.api.client import Client, served_copy

PATH = "/series"
DAY: dict[str, Any] = {"start": "2024-05-01T00:00:00+08:00", "end": "2024-05-01T16:00:00Z"}
SOC: dict[str, Any] = {"device_id": "bess1", "signals": "bms.soc"}


def test_an_answer_is_what_the_schema_says(server: Client) -> None:
    """Each signal with unit, sign, resolution, and columns of one length."""
    names = "bms.soc,bms.current,safety.fa1_smoke_flag,cells.p1_v2"
    for resolution in ("auto", "raw", "5min", "1d"):
        body = server.json(PATH, device_id="bess1,bess2", signals=names, resolution=resolution)
        answer = SeriesAnswer.model_validate(body, strict=True)
        assert (answer.start, answer.end, answer.max_points) == (None, None, 2000)
        assert len(answer.series) == 7  # only the first unit has cells
        for found, raw in zip(answer.series, body["series"], strict=True):
            columns = [raw[name] for name in ("v", "min", "max") if name in raw]
            assert {len(column) for column in columns} == {len(found.t)}
            assert ("min" in raw) == ("max" in raw) == (found.resolution != "raw")
            assert found.points == sum(value is not None for value in found.v) > 0
    current = body["series"][1]
    assert (current["signal"], current["unit"], current["sign"]) == ("bms.current", "A", "discharge positive")


def test_raw_points_are_the_rows(server: Client) -> None:
    """A voltage of history stands in the series at the instant at which it was observed."""
    row = server.json("/bms/bess1", fields="voltage", batch_size=1, skip=20, ages="true")["data"][0]
    (found,) = server.json(PATH, device_id="bess1", signals="voltage", resolution="raw", max_points=9999)["series"]
    at = datetime.fromisoformat(row["timestamp"]) - timedelta(seconds=row["ages_s"]["voltage"])
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert found["v"][found["t"].index(stamp)] == row["voltage"]


def test_flags_are_whole_numbers(server: Client) -> None:
    (found,) = server.json(PATH, device_id="bess1", signals="fa1_smoke_flag", resolution="1h")["series"]
    assert found["drawn"] == "max"
    assert all(isinstance(value, int) for name in ("v", "min", "max") for value in found[name])


def test_a_range_is_said_as_it_was_understood(server: Client) -> None:
    body = server.json(PATH, **SOC, **DAY, max_points=10)
    assert (body["start"], body["end"]) == ("2024-04-30T16:00:00.000Z", "2024-05-01T16:00:00.000Z")
    (found,) = body["series"]
    assert body["start"] <= found["t"][0] < found["t"][-1] < body["end"]
    assert found["points"] <= 10


def test_an_empty_range_is_an_empty_series(server: Client) -> None:
    (found,) = server.json(PATH, **SOC, start="2001-01-01", end="2001-01-02")["series"]
    assert (found["points"], found["t"], found["v"], found["coverage"]) == (0, [], [], 0)


@pytest.mark.parametrize("accept", [None, "application/vnd.apache.arrow.stream"])
def test_an_etag_saves_the_second_answer(server: Client, accept: str | None) -> None:
    """One for each form of the answer, and another for another question."""
    headers = {"Accept": accept} if accept else {}
    first = server.get(PATH, headers=headers, **SOC)
    tag = first.headers["etag"]
    assert (first.headers["cache-control"], first.headers["vary"]) == ("no-cache", "Accept, Accept-Encoding")
    again = server.get(PATH, headers={**headers, "If-None-Match": tag}, **SOC)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["vary"] == first.headers["vary"]
    assert server.get(PATH, headers={**headers, "If-None-Match": tag}, **SOC, max_points=20).status_code == 200
    assert server.get(PATH, headers={"If-None-Match": tag}, **SOC, format="json").status_code == (
        200 if accept else 304
    )


def test_live_input_is_drawn_at_once(tiny_store: Path, tmp_path: Path) -> None:
    """As rows and in the buckets of every level; a closed range before it keeps its validator."""
    with served_copy(tiny_store, tmp_path) as client:
        before = client.get(PATH, **SOC, **DAY).headers["etag"]
        rows = [{"timestamp": f"2024-05-03T00:{n:02}:00Z", "soc": 150.0 if n == 7 else 50.0} for n in range(20)]
        assert client.ask("POST", "/ingest/bess1/bms", json=rows).status_code == 200
        for resolution in ("auto", "raw", "5min", "15min", "1h", "1d"):
            (found,) = client.json(PATH, **SOC, start="2024-05-03", resolution=resolution)["series"]
            assert max(found.get("max", found["v"])) == 150.0
            assert found["t"][0] == "2024-05-03T00:00:00.000Z"
        (found,) = client.json(PATH, **SOC, start="2024-05-03", resolution="15min")["series"]
        assert found["v"] == [(14 * 50 + 150) / 15, 50.0]
        assert client.get(PATH, **SOC, **DAY).headers["etag"] == before


@pytest.mark.parametrize(("day", "hours"), [("2024-03-31", 23), ("2024-10-27", 25)])
def test_both_days_on_which_the_clocks_change_are_days(tiny_store: Path, tmp_path: Path, day: str, hours: int) -> None:
    """A register that counts one an hour: its local days have 23 and 25, and together they are what UTC has."""
    begin = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(hours=30)
    stamps = [rfc3339(round((begin + timedelta(hours=n)).timestamp() * 1000)) for n in range(80)]
    rows = [{"timestamp": stamp, "import_energy": float(n)} for n, stamp in enumerate(stamps)]
    query: dict[str, Any] = {"device_id": "m9", "signals": "import_energy", "resolution": "1d"}
    with served_copy(tiny_store, tmp_path) as client:
        assert client.ask("POST", "/ingest/m9/meter", json=rows).status_code == 200
        (local,) = client.json(PATH, **query, timezone="Europe/Berlin")["series"]
        (utc,) = client.json(PATH, **query)["series"]
        SeriesAnswer.model_validate(client.json(PATH, **query, timezone="Europe/Berlin"), strict=True)
        arrow = client.get(PATH, **query, timezone="Europe/Berlin", format="arrow").content
        own = client.json(PATH, **query, timezone="device")["series"][0]["timezone"]
    begins = [datetime.fromisoformat(stamp).astimezone(ZoneInfo("Europe/Berlin")) for stamp in local["t"]]
    index = [str(at.date()) for at in begins].index(day)
    assert {at.hour for at in begins} == {0}
    assert local["sum"][index] == hours
    assert sum(local["sum"]) == sum(utc["sum"]) == 79
    assert (local["timezone"], "timezone" in utc, own) == ("Europe/Berlin", False, "UTC")
    assert pa.ipc.open_stream(arrow).read_all()["sum"].to_pylist() == local["sum"]


@pytest.mark.parametrize(
    ("query", "moral"),
    [
        ({"signals": "bms.soc"}, "device_id: Field required; write devices"),
        ({**SOC, "max_points": 9}, "whole number from 10 to 100000"),
        ({**SOC, "max_points": "many"}, "whole number from 10 to 100000"),
        ({**SOC, "resolution": "2h"}, "write auto, raw, 5min, 15min, 1h or 1d"),
        ({**SOC, "format": "csv"}, "write json or arrow"),
        ({**SOC, "resolution": "1d", "timezone": "Asia/Calcuta"}, "did you mean Asia/Calcutta"),
        ({**SOC, "start": "2024-05-01T00:00:00"}, "has no zone"),
        ({**SOC, "maxpoints": 10}, "did you mean max_points"),
        ({**SOC, "signals": "active_power", "device_id": "bess1,m1"}, "several topics"),
    ],
)
def test_a_parameter_that_cannot_be_served_is_named(server: Client, query: dict[str, Any], moral: str) -> None:
    assert moral in server.refused(PATH, **query)


def test_unknown_names_are_404_with_names_near_them(server: Client) -> None:
    answer = server.get(PATH, device_id="bess9", signals="bms.soc")
    assert (answer.status_code, sorted(answer.json()["matches"])) == (404, ["bess1", "bess2"])
    answer = server.get(PATH, device_id="bess1", signals="bms.sco")
    assert (answer.status_code, sorted(answer.json()["matches"])) == (404, ["bms.soc", "bms.soh"])
