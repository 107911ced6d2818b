"""Promises of every endpoint, checked for each that there is: a new one is tested the moment it exists."""

import threading
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from api import startup
from api.settings import Settings
from bessline.progress import Tell
from bessline.store import Store
from routers import ROUTERS
from unit_tests.api.client import Client, served

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
RESOURCES = sorted({route.path for route in ROUTES if route.include_in_schema and "GET" in (route.methods or ())})
TAKING_DEVICES = [path for path in RESOURCES if "{device_id}" in path]
#: These answer before there is a store; streams answer 200 and a pause, for anything else would end an EventSource.
ALWAYS_THERE = {"/", "/livez", "/signals", "/metrics"} | {path for path in RESOURCES if path.endswith("/stream")}
#: What a resource cannot answer without.
NEEDED = {"/series": {"device_id": "bess1", "signals": "bms.soc"}}


def at(path: str) -> str:
    return path.format(device_id="m1" if path.startswith("/meters") else "bess1")


@pytest.fixture(scope="module")
def loading() -> Iterator[Client]:
    """A server whose store does not come."""
    over = threading.Event()

    def stuck(settings: Settings, *, tell: Tell) -> Store:
        over.wait(60)
        raise startup.Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(startup, "open_store", stuck)
        with served(Settings()) as client:
            yield client
            over.set()


def test_there_are_endpoints() -> None:
    assert {"/bms/{device_id}", "/bess/{device_id}/stream", "/livez"} <= set(RESOURCES)


@pytest.mark.parametrize("path", RESOURCES)
def test_an_unknown_query_name_is_422(server: Client, path: str) -> None:
    assert "no parameter 'nonsense'" in server.refused(at(path), nonsense=1)


@pytest.mark.parametrize("path", RESOURCES)
def test_head_works(server: Client, path: str) -> None:
    head = server.ask("HEAD", at(path), params=NEEDED.get(path))
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", RESOURCES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "INVENTED"])
def test_other_methods_are_405(server: Client, path: str, method: str) -> None:
    answer = server.ask(method, at(path))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", TAKING_DEVICES)
def test_an_unknown_device_is_404(server: Client, path: str) -> None:
    assert server.get(path.format(device_id="nobody")).status_code == 404


@pytest.mark.parametrize("path", RESOURCES)
def test_it_is_said_what_it_does(path: str, server: Client) -> None:
    """A summary, a description of every parameter, and a body for what is answered."""
    operation = server.json("/openapi.json")["paths"][path]["get"]
    assert operation["summary"]
    assert operation["responses"]["200"].get("content") or path.endswith("/stream")
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description") or parameter["schema"].get("description"), (path, parameter["name"])


@pytest.mark.parametrize("path", RESOURCES)
def test_a_trailing_slash_leads_to_the_resource(server: Client, path: str) -> None:
    if path != "/":
        answer = server.get(at(path) + "/")
        assert (answer.status_code, answer.headers["location"].endswith(at(path))) == (307, True)


@pytest.mark.parametrize("path", RESOURCES)
def test_while_loading_it_says_so(loading: Client, path: str) -> None:
    answer = loading.get(at(path))
    assert answer.status_code == (200 if path in ALWAYS_THERE else 503)
    assert path in ALWAYS_THERE or answer.headers["retry-after"]
