"""History over HTTP: every row once, in order, however one walks; and a clear answer to every odd wish."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from api.history import _answer
from api.history_query import LARGEST_BATCH, HistoryQuery, wanted
from bessline.managers import DataManager
from bessline.signals import fields_of
from bessline.store import Store, ingest
from bessline.store.compact import compact
from bessline.store.retention import parse_keeping
from unit_tests.api.client import Client, served_copy
from unit_tests.plants import signal_job, source_of

DAY_1 = 1_714_492_800_000  # 2024-05-01T00:00 in Asia/Shanghai
UNIT = "/bms/bess1"


def iso(t_s: int) -> str:
    return datetime.fromtimestamp(DAY_1 / 1000 + t_s, UTC).isoformat().replace("+00:00", "Z")


def walk(server: Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """All rows from page to page by the Link header, checking that each page says what it is."""
    rows: list[dict[str, Any]] = []
    answer = server.get(path, **query)
    while True:
        page = answer.json()
        assert page["skip"] == len(rows)
        rows += page["data"]
        link = answer.headers.get("link")
        assert (link is None) == (page["next_cursor"] is None) == ("tail_cursor" in page)
        if link is None:
            assert page["total_records"] == len(rows)
            return rows
        address, _, relation = link.partition(">; ")
        assert relation == 'rel="next"'
        answer = server.get(address.removeprefix("<"))


def test_a_page_has_the_members_of_the_contract_in_their_order(server: Client) -> None:
    page = server.json(UNIT, batch_size=2)
    assert list(page) == ["device_id", "total_records", "batch_size", "skip", "next_cursor", "data"]
    assert (page["device_id"], page["batch_size"], page["skip"], len(page["data"])) == ("bess1", 2, 0, 2)
    assert list(page["data"][0]) == ["timestamp", *fields_of("bms")]
    last = server.json(UNIT, skip=page["total_records"] - 1)
    assert list(last) == ["device_id", "total_records", "batch_size", "skip", "next_cursor", "tail_cursor", "data"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-3600, 90_000), st.integers(0, 20_000), st.integers(20, 300))
def test_cursors_skips_and_one_big_page_give_the_same_rows(server: Client, start: int, span: int, size: int) -> None:
    """Any range and page size: each row once, in order."""
    query = {"start": iso(start), "end": iso(start + span), "fields": "soc,voltage"}
    whole = server.json(UNIT, batch_size=LARGEST_BATCH, **query)
    by_skip = [
        row
        for skip in range(0, whole["total_records"], size)
        for row in server.json(UNIT, batch_size=size, skip=skip, **query)["data"]
    ]
    assert walk(server, UNIT, batch_size=size, **query) == by_skip == whole["data"]
    stamps = [row["timestamp"] for row in by_skip]
    assert stamps == sorted(set(stamps))


def test_a_cursor_carries_range_and_fields(server: Client) -> None:
    """What it carries may be said again, but not otherwise."""
    query = {"start": iso(0), "end": iso(7200), "fields": "voltage,soc"}
    cursor = server.json(UNIT, batch_size=10, **query)["next_cursor"]
    page = server.json(UNIT, cursor=cursor)
    assert (page["skip"], page["batch_size"], list(page["data"][0])) == (10, 100, ["timestamp", "soc", "voltage"])
    assert server.json(UNIT, cursor=cursor, **query)["data"] == page["data"]
    assert "leave it out" in server.refused(UNIT, cursor=cursor, start=iso(60))
    assert "leave it out" in server.refused(UNIT, cursor=cursor, fields="soc")
    assert "leave it out" in server.refused(UNIT, cursor=cursor, date="2024-05-01")
    assert "exclude each other" in server.refused(UNIT, cursor=cursor, skip=0)


def test_a_date_goes_with_its_own_cursor(server: Client) -> None:
    cursor = server.json(UNIT, date="2024-05-01", batch_size=1)["next_cursor"]
    assert server.json(UNIT, date="2024-05-01", cursor=cursor)["skip"] == 1
    assert "date" in server.refused(UNIT, date="2024-05-02", cursor=cursor)


@pytest.mark.parametrize("query", [{}, {"skip": 10**9}, {"start": "2030-01-01"}, {"end": "2001-01-01"}])
def test_a_tail_cursor_continues_when_there_is_more(server: Client, query: dict[str, Any]) -> None:
    """After the last row nothing comes twice, whether the page held rows or not."""
    page = server.json(UNIT, batch_size=LARGEST_BATCH, **query)
    assert page["next_cursor"] is None
    again = server.json(UNIT, cursor=page["tail_cursor"])
    assert (again["data"], again["total_records"], again["skip"]) == ([], page["total_records"], page["total_records"])
    assert again["tail_cursor"] == page["tail_cursor"]


def test_cursors_of_others_are_refused(server: Client) -> None:
    cursor = server.json(UNIT, batch_size=1)["next_cursor"]
    assert "belongs to bms of bess1" in server.refused("/bms/bess2", cursor=cursor)
    assert "belongs to bms of bess1" in server.refused("/pcs/bess1", cursor=cursor)
    assert "begin again" in server.refused(UNIT, cursor=cursor[:-2])


def test_a_date_is_a_local_day_of_the_device(server: Client) -> None:
    """The plant stands in Asia/Shanghai: its day begins at 16:00 UTC."""
    page = server.json(UNIT, date="2024-05-01", batch_size=1)
    assert page["data"][0]["timestamp"].startswith("2024-04-30T16:00")
    same = server.json(UNIT, start="2024-05-01T00:00:00+08:00", end="2024-05-01T16:00:00Z", batch_size=1)
    assert (same["total_records"], same["data"]) == (page["total_records"], page["data"])
    assert server.json(UNIT, date="2024-05")["total_records"] >= page["total_records"]
    assert "excludes start" in server.refused(UNIT, date="2024-05-01", start=iso(0))


def test_ages_tell_how_old_each_value_is(server: Client) -> None:
    row = server.json(UNIT, batch_size=1, skip=50, fields="soc", ages="true")["data"][0]
    assert list(row) == ["timestamp", "soc", "ages_s"]
    assert 0 <= row["ages_s"]["soc"] <= 180
    answer = server.get(UNIT, batch_size=1, ages="true")
    assert "ages=true" in answer.headers["link"]


@pytest.mark.parametrize(
    ("query", "moral"),
    [
        ({"batch_size": "0"}, "whole number from 1 to 10000"),
        ({"batch_size": "-1"}, "whole number from 1 to 10000"),
        ({"batch_size": "1e9"}, "whole number from 1 to 10000"),
        ({"batch_size": "1000000000"}, "whole number from 1 to 10000"),
        ({"batch_size": "abc"}, "whole number from 1 to 10000"),
        ({"batch_size": ""}, "whole number from 1 to 10000"),
        ({"skip": "-1"}, "whole number from 0"),
        ({"skip": "9" * 5000}, "whole number from 0"),
        ({"start": "2024-05-01T00:00:00"}, "has no zone; write RFC 3339"),
        ({"end": "2024-05-01T00:00:00 02:00"}, "%2B"),
        ({"start": "2024-05-02", "end": "2024-05-01"}, "end is before start"),
        ({"start": ""}, "is not a time"),
        ({"date": "May"}, "write a day as 2024-05-01"),
        ({"fields": "sco"}, "did you mean 'soc'"),
        ({"fields": ""}, "no bms field ''"),
        ({"fields": "soc,timestamp"}, "no bms field 'timestamp'"),
        ({"ages": "maybe"}, "true or false"),
        ({"format": "PARQUET"}, "write one of json, ndjson"),
        ({"format": "xml"}, "no format 'xml'"),
        ({"cursor": "abc"}, "begin again without it"),
        ({"batchsize": "5"}, "did you mean batch_size"),
        ({"batch_size": ["5", "6"]}, "given twice"),
    ],
)
def test_a_parameter_that_cannot_be_served_is_named(server: Client, query: dict[str, Any], moral: str) -> None:
    """422, which one, and how to write it."""
    assert moral in server.refused(UNIT, **query)


def test_an_empty_range_is_no_error(server: Client) -> None:
    assert server.json(UNIT, start=iso(60), end=iso(60))["total_records"] == 0
    assert server.json(UNIT, start="0001-01-01", end="9999-12-31", batch_size=1)["total_records"] > 0


def test_an_unknown_device_is_404_with_names_near_it(server: Client) -> None:
    body = server.get("/bms/bess9").json()
    assert (body["status"], sorted(body["matches"])) == (404, ["bess1", "bess2"])
    assert server.get("/meters/bess1").status_code == 404


@pytest.mark.parametrize("prefix", ["/bms", "/pcs", "/meters", "/aux", "/env", "/safety", "/bess"])
@pytest.mark.parametrize(
    "name", ["..", ".", "a\0b", "a/b", "../../main.py", "\ufffd", "x" * 20_000, "🔋", "a b", "-b", ""]
)
def test_no_name_leads_out_of_the_store(server: Client, prefix: str, name: str) -> None:
    """Whatever a server may decode a path to (`%2e%2e`, `%00`, `%2f`): it is a device, or 404."""
    assert server.raw(f"{prefix}/{name}") == 404
    assert server.raw(f"{prefix}/{name}/stream") == 404


def test_an_etag_saves_the_second_answer(server: Client) -> None:
    """Same question, same store: 304 without a body; another question has another tag."""
    first = server.get(UNIT, batch_size=3)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = server.get(UNIT, batch_size=3, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        # a cache in between keeps with the answer what it depends on
        assert again.headers["vary"] == first.headers["vary"]
    assert server.get(UNIT, batch_size=4, headers={"If-None-Match": tag}).status_code == 200
    assert server.get("/pcs/bess1", batch_size=3, headers={"If-None-Match": tag}).status_code == 200


def test_head_answers_like_get_without_a_body(server: Client) -> None:
    got, head = server.get(UNIT), server.ask("HEAD", UNIT)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers


def test_a_page_is_of_one_state_of_the_store(tmp_path: Path) -> None:
    """An ingest that ends between the count and the rows does not make them disagree."""

    class Overtaken(DataManager):
        def count(self, device_id: str, *, start_ms: int | None = None, end_ms: int | None = None) -> int:
            total = super().count(device_id, start_ms=start_ms, end_ms=end_ms)
            if not (tmp_path / "more").exists():
                more = signal_job(tmp_path / "more", "b1/bms.soc", [60, 90], [3, 4])
                ingest([source_of(tmp_path, more)], tmp_path / "s", workers=0)
                self.store.refresh()
            return total

    first = signal_job(tmp_path, "b1/bms.soc", [0, 30], [1, 2])
    ingest([source_of(tmp_path, first)], tmp_path / "s", workers=0)
    manager = Overtaken(Store.open(tmp_path / "s"), "bms")
    asked = wanted(HistoryQuery(), manager, "b1")
    scope = {"type": "http", "headers": [], "path": "/bms/b1"}
    page = orjson.loads(bytes(_answer(Request(scope), manager, asked).body))
    # four values, the last of which holds for three periods more
    assert page["total_records"] == len(page["data"]) == 7


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server of five days of which the rows of the first three were dropped."""
    folder = tmp_path_factory.mktemp("short")
    t_s = np.arange(0, 5 * 86_400, 600)
    jobs = [
        signal_job(folder / "raw", f"b1/{name}", t_s, (t_s % 97).astype(np.float64))
        for name in ("bms.soc", "pcs.active_power")
    ]
    ingest([source_of(folder / "raw", *jobs)], folder / "store", workers=0)
    compact(folder / "store", keeping=parse_keeping(["raw=1d"]))
    with served_copy(folder / "store", folder / "served") as client:
        yield client


KEPT = "2024-05-04T00:00:00.000Z"


def test_what_retention_dropped_is_told_from_what_is_missing(short: Client) -> None:
    """History, devices and quality say from when on rows are kept, and count none before as missing."""
    for path in ("/bms/b1", "/bess/b1", "/pcs/b1?start=2024-05-01&batch_size=5"):
        page = short.json(path)
        assert (page["kept_from"], page["data"][0]["timestamp"]) == (KEPT, KEPT)
    assert "kept_from" not in short.json("/bms/b1", start=KEPT)
    topics = short.json("/devices")["devices"][0]["topics"]
    assert (topics["bms"]["start"], topics["bms"]["kept_from"], topics["bms"]["coverage"]) == (KEPT, KEPT, 1.0)
    for path in ("/devices/b1/quality", "/bess/b1/coverage"):
        found = short.json(path)["signals"]["bms.soc"]
        assert found["kept_from"] == KEPT
        assert [(day["date"], day["gap_s"]) for day in found["days"]] == [("2024-05-04", 0), ("2024-05-05", 0)]


def test_rows_for_a_time_before_what_is_kept_are_refused(short: Client) -> None:
    """They would not last; a row after it is taken."""
    answer = short.ask("POST", "/ingest/b1/bms", json={"timestamp": "2024-05-03T23:59:59Z", "soc": 1})
    assert answer.status_code == 422
    assert f"lies before {KEPT}, from when on rows are kept" in answer.json()["detail"]
    row = {"timestamp": "2024-05-06T00:00:00Z", "soc": 1}
    assert short.ask("POST", "/ingest/b1/bms", json=row).status_code == 200


def test_charts_go_on_where_rows_went(short: Client) -> None:
    (found,) = short.json("/series", device_id="b1", signals="soc")["series"]
    assert (found["resolution"], found["t"][0]) == ("5min", "2024-05-01T00:00:00.000Z")
    assert "kept from 2024-05-04" in short.refused(
        "/series", device_id="b1", signals="soc", resolution="raw", start="2024-05-01"
    )
    (found,) = short.json("/series", device_id="b1", signals="soc", resolution="raw")["series"]
    assert found["t"][0] == KEPT
