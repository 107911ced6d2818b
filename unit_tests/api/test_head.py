"""HEAD works wherever GET does, even where the answer has no end."""

import pytest

from unit_tests.api.client import Client

PATHS = ["/", "/livez", "/devices", "/signals", "/bms/bess1", "/dashboard/", "/static/favicon.svg", "/docs", "/nix"]


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_headers_of_get_and_no_body(server: Client, path: str) -> None:
    got, head = server.get(path), server.ask("HEAD", path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize("query", ["", "?start=2024-05-01&interval=3600"])
def test_head_of_a_stream_ends(server: Client, query: str) -> None:
    head = server.ask("HEAD", f"/bms/bess1/stream{query}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == "text/event-stream"
