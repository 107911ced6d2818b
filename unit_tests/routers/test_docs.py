"""The description works without a net."""

import re

import pytest

from unit_tests.api.client import Client


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_pages_need_nothing_from_elsewhere(server: Client, path: str) -> None:
    text = server.get(path).text
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    for name in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
        assert server.get(name).status_code == 200, name


def test_the_description_is_openapi_3_1(server: Client) -> None:
    assert server.json("/openapi.json")["openapi"].startswith("3.1")
