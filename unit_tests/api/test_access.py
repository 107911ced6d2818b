"""Who may ask: on loopback anybody, elsewhere only who has a key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.access import check_access, is_loopback
from api.settings import Settings
from bessline.errors import BadParameter
from unit_tests.api.client import Client, served, served_copy

KEYS = (SecretStr("first"), SecretStr("second"))


@pytest.fixture(scope="module")
def guarded(tiny_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served_copy(tiny_store, tmp_path_factory.mktemp("guarded"), keys=KEYS) as client:
        yield client


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": text}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LocalHost"])
def test_this_machine_alone_needs_no_key(host: str) -> None:
    assert is_loopback(host)
    check_access(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "plant.example", ""])
def test_the_world_is_refused_without_keys(host: str) -> None:
    with pytest.raises(BadParameter, match="BESSLINE_KEYS") as refused:
        check_access(Settings(host=host))
    assert refused.value.exit_code == 2
    check_access(Settings(host=host, keys=KEYS))


@pytest.mark.parametrize(
    "path", ["/", "/devices", "/bms/bess1", "/bms/bess1/stream", "/readyz", "/metrics", "/docs", "/nix"]
)
def test_a_key_is_needed_everywhere(guarded: Client, path: str) -> None:
    answer = guarded.get(path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="bessline"')


def test_whether_it_lives_anybody_may_know(guarded: Client) -> None:
    assert guarded.get("/livez").status_code == 200


@pytest.mark.parametrize("key", ["Bearer first", "bearer second", "BEARER  first"])
def test_each_key_opens(guarded: Client, key: str) -> None:
    assert guarded.get("/devices", headers=bearer(key)).status_code == 200


@pytest.mark.parametrize(
    "key", ["Bearer third", "Bearer ", "Bearer", "first", "Basic first", "Bearer firs", "Bearer first2"]
)
def test_anything_else_does_not(guarded: Client, key: str) -> None:
    answer = guarded.get("/devices", headers=bearer(key))
    assert answer.status_code == 401
    assert "first" not in answer.text


def test_a_key_in_the_address_is_none(guarded: Client) -> None:
    assert guarded.get("/devices", key="first").status_code == 401


def test_without_keys_only_loopback_is_answered(server: Client) -> None:
    """`uvicorn main:app --host 0.0.0.0` starts, but tells nothing to whoever comes in from elsewhere."""
    with served(server.engine.settings, address="http://192.0.2.7") as exposed:
        answer = exposed.get("/devices")
        assert answer.status_code == 403
        assert "BESSLINE_KEYS" in answer.json()["detail"]
        assert exposed.get("/livez").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://own.example"}, 404),
        ({"Sec-Fetch-Site": "same-origin"}, 404),
        ({}, 404),
    ],
)
def test_a_foreign_page_changes_nothing(tiny_store: Path, tmp_path: Path, headers: dict[str, str], status: int) -> None:
    """Where no key is needed a browser would acknowledge an alarm for any page that asks it to; `curl` asks itself."""
    with served_copy(tiny_store, tmp_path, cors_origin=("https://own.example",)) as client:
        assert client.ask("POST", "/alarms/none/ack", headers=headers).status_code == status
        assert client.get("/devices", headers=headers).status_code == 200
