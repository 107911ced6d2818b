"""The front door."""

import pytest

from bessline import __version__
from schemas import Index
from unit_tests.api.client import Client

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

#: Places to post to.
POSTED = ("ingest", "acknowledge", "detect", "detect_v1")


def test_a_program_gets_links_that_lead_somewhere(server: Client) -> None:
    index = Index.model_validate(server.json("/"))
    assert (index.name, index.version) == ("bessline", __version__)
    for name, link in index.links.items():
        device = "m1" if link.startswith("/meters") else "bess1"
        if name in POSTED:
            assert server.ask("HEAD", link).status_code == 405
            continue
        needed = {"device_id": device, "signals": "bms.soc"} if name == "series" else None
        assert server.ask("HEAD", link.format(device_id=device), params=needed).status_code == 200, name


def test_every_resource_is_linked(server: Client) -> None:
    documented = set(server.json("/openapi.json")["paths"]) - {"/"}
    assert documented <= set(server.json("/")["links"].values())


@pytest.mark.parametrize("accept", [BROWSER, "text/html", "text/html, application/json"])
def test_a_browser_is_sent_to_the_page(server: Client, accept: str) -> None:
    answer = server.get("/", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["location"]) == (307, "/dashboard/")
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5", ""])
def test_who_wants_json_gets_json(server: Client, accept: str) -> None:
    assert server.get("/", headers={"Accept": accept}).json()["name"] == "bessline"
