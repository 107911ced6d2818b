"""Every error is a problem with the status that its kind has."""

from pathlib import Path

import orjson
import pytest
from fastapi import FastAPI, HTTPException
from starlette.types import Scope
from structlog.testing import capture_logs

from api.engine import NotReady
from api.problems import problem, status_of
from bessline import errors
from bessline.errors import BesslineError, ServerError
from unit_tests.api.client import Client, served

HERE = Path("s")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotKnown("device", "x", known=[]), 404),
        (errors.BadParameter("x", "no"), 422),
        (errors.BadCursor("no"), 422),
        (NotReady("loading"), 503),
        (errors.StoreMissing("gone", path=HERE), 503),
        (errors.StoreDamaged("bad", path=HERE), 503),
        (errors.StoreLocked("busy", path=HERE), 503),
        (errors.StoreUnwritable("read-only", path=HERE), 503),
        (errors.StoreFull("full", path=HERE), 507),
        (errors.SourceError("bad", path=HERE), 503),
    ],
)
def test_each_kind_of_error_has_its_status(error: BesslineError, status: int) -> None:
    found, retry_s = status_of(error)
    assert found == status
    assert (retry_s is not None) == (status == 503)


def _kinds(kind: type[BesslineError]) -> list[type[BesslineError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _kinds(child))]


def test_no_kind_of_error_is_a_500_by_oversight() -> None:
    """A new branch of the tree must be given its status; those of a start, a command or a client reach no request."""
    starting = {"BesslineError", "CannotListen", "CannotWrite", *(kind.__name__ for kind in _kinds(ServerError))}
    for kind in _kinds(BesslineError):
        if kind.__name__ not in starting:
            assert status_of(kind.__new__(kind))[0] != 500, kind


def test_a_problem_has_its_members_in_order() -> None:
    scope: Scope = {"type": "http", "path": '/bms/"ä b"'}
    answer = problem(scope, 404, "x" * 5000, matches=["a"])
    body = orjson.loads(bytes(answer.body))
    assert list(body) == ["type", "title", "status", "detail", "instance", "matches"]
    assert (body["title"], body["instance"]) == ("Not Found", "/bms/%22%C3%A4%20b%22")
    assert len(body["detail"]) == 1000
    assert answer.media_type == "application/problem+json"


def test_a_wrong_method_is_told_the_right_ones(server: Client) -> None:
    answer = server.ask("POST", "/devices")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_an_unknown_path_is_told_where_to_look(server: Client) -> None:
    assert "GET / lists" in server.get("/nix").json()["detail"]


def test_several_wrong_parameters_are_all_named(server: Client) -> None:
    body = server.get("/bms/bess1", batch_size="x", skip="y").json()
    assert [error["loc"] for error in body["errors"]] == [["query", "batch_size"], ["query", "skip"]]


def test_a_mistake_of_ours_tells_nothing_of_the_inside(server: Client) -> None:
    """500, logged, and not a word of the traceback to the client."""
    with served(server.engine.settings) as other:
        _break(other.app)
        with capture_logs() as logs:
            answer = other.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert logs[-1]["kind"] == "ZeroDivisionError"


def test_an_http_error_keeps_its_words_and_headers(server: Client) -> None:
    with served(server.engine.settings) as other:
        _break(other.app)
        answer = other.get("/teapot")
    assert (answer.status_code, answer.json()["detail"], answer.headers["x-tea"]) == (418, "short and stout", "yes")


def _break(app: FastAPI) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("secret")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, "short and stout", headers={"X-Tea": "yes"})
