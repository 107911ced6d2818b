"""The page and its files."""

import re

from unit_tests.api.client import Client


def test_the_page_is_there_with_and_without_the_slash(server: Client) -> None:
    assert server.get("/dashboard/").headers["content-type"].startswith("text/html")
    answer = server.get("/dashboard")
    assert (answer.status_code, answer.headers["location"].endswith("/dashboard/")) == (307, True)


def test_all_that_the_page_names_is_there(server: Client) -> None:
    """Every script, style and picture comes from here, with a type that `nosniff` lets through."""
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', server.get("/dashboard/").text)
    assert len(named) > 4
    for path in named:
        answer = server.get(path)
        assert answer.status_code == 200, path
        kind = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}[path.rpartition(".")[2]]
        assert answer.headers["content-type"].startswith(kind), path
