"""The sender: rows are sent until they are durable, or until it is clear that they never will be."""

from collections.abc import Callable

import httpx
import orjson
import pytest

from bessline.errors import KeyRefused, NotAccepted
from bessline.sender import POST_ROWS, Sender

ROWS: list[dict[str, object]] = [{"timestamp": "2024-05-01T00:00:00.000Z", "soc": 1.0}]


def sender(
    answer: Callable[[httpx.Request], httpx.Response], waits: list[float], *, key: str | None = None
) -> tuple[Sender, list[str]]:
    told: list[str] = []
    made = Sender("http://127.0.0.1:1", key=key, tell=told.append, sleep=waits.append)
    made._http = httpx.Client(
        transport=httpx.MockTransport(answer), base_url=made._http.base_url, headers=made._http.headers
    )
    return made, told


def test_rows_go_out_as_sparse_ones_in_bounded_requests() -> None:
    """With the zone, and with the key where there is one."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    made, _ = sender(answer, [], key="sesame")
    made.timezone = "Europe/Berlin"
    made.send(("b1", "bms"), ROWS * (POST_ROWS + 1))
    assert [len(orjson.loads(request.content)) for request in seen] == [POST_ROWS, 1]
    assert seen[0].url.path == "/ingest/b1/bms"
    assert dict(seen[0].url.params) == {"rows": "sparse", "timezone": "Europe/Berlin"}
    assert seen[0].headers["authorization"] == "Bearer sesame"


def test_it_waits_for_a_server_that_cannot_now() -> None:
    """A full disk, a start, a lost connection: the same rows again, ever later; a sentence says why."""
    answers: list[httpx.Response | None] = [
        httpx.Response(507, headers={"Retry-After": "5"}),
        None,
        httpx.Response(503),
        httpx.Response(200),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.pop(0)
        if found is None:
            raise httpx.ConnectError("refused")
        return found

    waits: list[float] = []
    made, told = sender(answer, waits)
    made.send(("b1", "bms"), ROWS)
    assert answers == []
    assert waits[0] == 5
    assert len(waits) == 3
    assert len(told) == 1


@pytest.mark.parametrize(("status", "error"), [(401, KeyRefused), (422, NotAccepted)])
def test_what_will_not_get_better_ends_it(status: int, error: type[Exception]) -> None:
    """Sending it again would change nothing."""
    made, _ = sender(lambda _: httpx.Response(status, json={"detail": "no"}), [])
    with pytest.raises(error):
        made.send(("b1", "bms"), ROWS)
