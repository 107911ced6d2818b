"""Whole ranges over HTTP: every row of the JSON pages, in each format; a file with ranges once it was made."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pyarrow.parquet as pq
import pytest

from bessline.formats import EXPORTS, FORMATS
from bessline.managers import Managers
from bessline.store import Store
from unit_tests.api.client import Client, served_copy

UNIT = "/safety/bess1"
FIELDS = "fa1_co,fa1_smoke_flag"


@pytest.fixture
def client(tiny_store: Path, tmp_path: Path) -> Iterator[Client]:
    """A server with a spool that nobody has used yet."""
    (tmp_path / "spool").mkdir()
    with served_copy(tiny_store, tmp_path, spool=tmp_path / "spool") as served:
        yield served


def rows_of(answer: httpx.Response, name: str) -> list[dict[str, Any]]:
    """Rows as polars reads them."""
    assert answer.status_code in (200, 206), answer.text
    data = answer.content
    read = {
        "csv": lambda: pl.read_csv(data, schema_overrides={"timestamp": pl.String}),
        "ndjson": lambda: pl.read_ndjson(data),
        "parquet": lambda: pl.read_parquet(data),
        "arrow": lambda: pl.read_ipc_stream(data),
    }
    frame = read[name]()
    if frame.schema["timestamp"] != pl.String:
        frame = frame.with_columns(pl.col("timestamp").dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ"))
    return frame.to_dicts()


def all_rows(server: Client, path: str = UNIT, **query: Any) -> list[dict[str, Any]]:
    """By pages of JSON."""
    rows: list[dict[str, Any]] = []
    page = server.json(path, batch_size=5000, **query)
    while True:
        rows += page["data"]
        if page["next_cursor"] is None:
            return rows
        page = server.json(path, batch_size=5000, cursor=page["next_cursor"])


@pytest.mark.parametrize("name", EXPORTS)
def test_a_whole_range_is_all_pages(server: Client, name: str) -> None:
    """By format, by suffix and by Accept alike."""
    expected = all_rows(server, fields=FIELDS)
    assert len(expected) > 1000
    by_format = server.get(UNIT, format=name, fields=FIELDS)
    assert rows_of(by_format, name) == expected
    media_type = FORMATS[name].media_types[0]
    assert by_format.headers["content-type"].partition(";")[0] == media_type
    assert by_format.headers["content-disposition"] == f'attachment; filename="bess1-safety.{name}"'
    by_accept = server.get(UNIT, fields=FIELDS, headers={"Accept": media_type})
    assert server.get(f"{UNIT}.{name}", fields=FIELDS).content == by_format.content == by_accept.content


@pytest.mark.parametrize("path", ["/bms/bess1", "/pcs/bess1", "/meters/m1", "/aux/bess1", "/env/bess1", "/bess/bess1"])
def test_every_history_has_every_format(server: Client, path: str) -> None:
    expected = server.json(path, date="2024-05-01", batch_size=10)["data"]
    for name in EXPORTS:
        assert len(rows_of(server.get(f"{path}.{name}", date="2024-05-01", batch_size=10), name)) == len(expected)
    assert rows_of(server.get(f"{path}.parquet", date="2024-05-01", batch_size=10), "parquet") == expected


@pytest.mark.parametrize("name", EXPORTS)
def test_pages_walk_in_every_format(server: Client, name: str) -> None:
    """With batch_size it is a page, and its Link leads on in the same format, ages included."""
    rows: list[dict[str, Any]] = []
    answer = server.get(f"/env/bess1.{name}", batch_size=1000, ages="true", date="2024-05-01")
    while True:
        rows += rows_of(answer, name)
        if (link := answer.headers.get("link")) is None:
            break
        answer = server.get(link.partition(">")[0].removeprefix("<"))
    expected = all_rows(server, "/env/bess1", date="2024-05-01")
    assert [row["timestamp"] for row in rows] == [row["timestamp"] for row in expected]
    assert any(key.startswith("ages_s") for key in rows[-1])


def test_skip_and_cursor_choose_where_a_range_begins(server: Client) -> None:
    expected = all_rows(server, fields=FIELDS)
    assert rows_of(server.get(f"{UNIT}.csv", fields=FIELDS, skip=700), "csv") == expected[700:]
    cursor = server.json(UNIT, fields=FIELDS, batch_size=300)["next_cursor"]
    assert rows_of(server.get(f"{UNIT}.parquet", cursor=cursor), "parquet") == expected[300:]
    assert server.get(f"{UNIT}.ndjson", start="2030-01-01").content == b""


def test_the_first_answer_streams_the_next_ones_are_a_file(client: Client) -> None:
    path = f"{UNIT}.parquet"
    head = client.ask("HEAD", path)
    assert (head.headers["accept-ranges"], "content-length" in head.headers) == ("none", False)
    first = client.get(path)
    assert (first.headers["accept-ranges"], "content-length" in first.headers) == ("none", False)
    again = client.get(path)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"] == head.headers["etag"]
    assert (again.headers["accept-ranges"], again.headers["content-length"]) == ("bytes", str(len(first.content)))
    head = client.ask("HEAD", path)
    assert (head.headers["content-length"], head.content) == (str(len(first.content)), b"")


def test_ranges_are_parts_of_the_whole(client: Client) -> None:
    """Also before anybody fetched it: what wants a part cannot do with a stream."""
    path = f"{UNIT}.parquet"
    end = client.get(path, headers={"Range": "bytes=-8"})
    whole = client.get(path).content
    assert (end.status_code, end.content) == (206, whole[-8:])
    assert end.headers["content-range"] == f"bytes {len(whole) - 8}-{len(whole) - 1}/{len(whole)}"
    for header, part in {"bytes=0-3": whole[:4], "bytes=-99999999": whole, "bytes=10-99999999": whole[10:]}.items():
        answer = client.get(path, headers={"Range": header})
        assert (answer.status_code, answer.content) == (206, part)
    behind = client.get(path, headers={"Range": f"bytes={len(whole)}-"})
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    other = client.get(path, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, whole)


def test_a_page_has_ranges_too(server: Client) -> None:
    whole = server.get(f"{UNIT}.parquet", batch_size=100).content
    part = server.get(f"{UNIT}.parquet", batch_size=100, headers={"Range": "bytes=-4"})
    assert (part.status_code, part.content, whole[-4:]) == (206, b"PAR1", b"PAR1")


def test_whoever_has_it_needs_no_body(server: Client) -> None:
    """Every format and compression has a tag of its own."""
    tags = set()
    for name in EXPORTS:
        tag = server.get(f"{UNIT}.{name}").headers["etag"]
        again = server.get(f"{UNIT}.{name}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["vary"]) == (304, b"", "Accept, Accept-Encoding")
        tags.add(tag)
    tags.add(server.get(f"{UNIT}.csv", headers={"Accept-Encoding": "identity"}).headers["etag"])
    tags.add(server.get(f"{UNIT}.csv", batch_size=100).headers["etag"])
    assert len(tags) == 6


@pytest.mark.parametrize("query", [{}, {"batch_size": 1000}])
@pytest.mark.parametrize("name", ["csv", "ndjson", "json"])
def test_text_is_compressed_by_wish(server: Client, name: str, query: dict[str, Any]) -> None:
    path, plain = f"{UNIT}.{name}", {"Accept-Encoding": "identity"}
    whole = server.get(path, headers=plain, **query)
    assert "content-encoding" not in whole.headers
    packed = server.get(path, headers={"Accept-Encoding": "gzip"}, **query)
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", whole.content)
    assert packed.headers["vary"] == whole.headers["vary"] == "Accept, Accept-Encoding"
    assert packed.headers["etag"] != whole.headers["etag"]
    zstd = server.get(path, headers={"Accept-Encoding": "zstd;q=1, gzip;q=0.5"}, **query)
    assert zstd.headers["content-encoding"] == "zstd"


def test_what_is_small_or_packed_is_left_alone(server: Client) -> None:
    wish = {"Accept-Encoding": "gzip"}
    assert "content-encoding" not in server.get(UNIT, batch_size=1, fields="fa1_co", headers=wish).headers
    assert "content-encoding" not in server.get(f"{UNIT}.parquet", headers=wish).headers


def test_one_too_many_is_asked_to_come_back(client: Client) -> None:
    client.engine.exports.inside = client.engine.settings.exports
    answer = client.get(f"{UNIT}.parquet")
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert client.get(UNIT).status_code == client.ask("HEAD", f"{UNIT}.parquet").status_code == 200
    client.engine.exports.inside = 0
    assert client.get(f"{UNIT}.parquet").status_code == 200


def test_of_a_crowd_only_so_many_pass(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """They arrive together, before any of them has begun."""
    gate, most = threading.Event(), client.engine.settings.exports

    def slow(*_: object) -> Iterator[bytes]:
        yield b"row"
        gate.wait(10)

    monkeypatch.setattr("api.export_answer._blocks", slow)
    with ThreadPoolExecutor(most + 3) as crowd:
        asked = [crowd.submit(client.get, f"{UNIT}.arrow", skip=number) for number in range(most + 3)]
        refused = [answer.result().status_code for answer in islice(as_completed(asked), 3)]
        gate.set()
    assert refused == [429] * 3
    assert sorted(answer.result().status_code for answer in asked) == [200] * most + [429] * 3
    assert client.engine.exports.inside == 0


def test_parts_become_row_groups_of_one_file(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that a long sweep leaves is one table."""
    monkeypatch.setattr("bessline.managers._SWEEP_ROWS", 100)
    monkeypatch.setattr("bessline.managers._SWEEP_VALUES", 100)
    answer = client.get(f"{UNIT}.parquet", fields=FIELDS)
    file = pq.ParquetFile(io.BytesIO(answer.content))
    assert file.num_row_groups > 5
    assert file.read().num_rows == client.json(UNIT, batch_size=1)["total_records"]


def test_a_damaged_store_is_told_by_a_status(client: Client, tmp_path: Path) -> None:
    for path in (tmp_path / "store" / "devices").rglob("*co*.parquet"):
        path.write_bytes(b"not parquet")
    # a store that has its files open already finds the damage when it reads on
    client.engine.managers = Managers(Store.open(tmp_path / "store"))
    assert client.get(f"{UNIT}.parquet").status_code == 503


def test_names_with_suffixes_that_nobody_has_are_404(server: Client) -> None:
    assert server.get("/bms/nobody.parquet").status_code == 404
    assert server.get("/bms/bess1.xlsx").status_code == 404
    assert server.get("/bms/bess1.parquet/stream").status_code == 404
    assert "leave one out" in server.refused("/bms/bess1.csv", format="arrow")
