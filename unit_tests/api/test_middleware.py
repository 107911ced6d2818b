"""CORS is off until origins are named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from unit_tests.api.client import Client, served_copy

OURS, THEIRS = "https://plant.example", "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture(scope="module")
def crossing(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    options = {"cors_origin": (OURS,), "keys": (SecretStr("k"),)}
    with served_copy(tiny_store, tmp_path_factory.mktemp("crossing"), **options) as client:
        yield client


def test_without_origins_no_page_elsewhere_reads_us(server: Client) -> None:
    assert "access-control-allow-origin" not in server.get("/devices", headers={"Origin": OURS}).headers
    assert server.ask("OPTIONS", "/devices", headers={"Origin": OURS, **PREFLIGHT}).status_code == 405


def test_a_named_origin_may_ask_before_it_has_a_key(crossing: Client) -> None:
    answer = crossing.ask("OPTIONS", "/devices", headers={"Origin": OURS, **PREFLIGHT})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, OURS)


def test_a_named_origin_reads_answers_and_refusals(crossing: Client) -> None:
    """A page must be able to read why it was refused."""
    for headers, status in (({}, 401), ({"Authorization": "Bearer k"}, 200)):
        answer = crossing.get("/devices", headers={"Origin": OURS, **headers})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, OURS)


def test_a_named_origin_sees_what_a_download_says_of_itself(crossing: Client) -> None:
    """Its name, whether it comes in parts, and which version it is: all that a browser hides by itself."""
    key = {"Origin": OURS, "Authorization": "Bearer k"}
    answer = crossing.get("/bms/bess1.parquet", headers=key)
    shown = set(answer.headers["access-control-expose-headers"].lower().split(", "))
    assert {"accept-ranges", "content-disposition", "etag"} <= shown & set(answer.headers)


def test_another_origin_is_refused_with_a_problem(crossing: Client) -> None:
    answer = crossing.ask("OPTIONS", "/devices", headers={"Origin": THEIRS, **PREFLIGHT})
    assert answer.status_code == 403
    assert "BESSLINE_CORS_ORIGIN" in answer.json()["detail"]
