"""What a server's answers mean to a client, and when it tries again."""

from __future__ import annotations

import httpx
import pytest

from bessline.errors import KeyRefused, NotAccepted, NotServed, ServerError
from bessline.remote import Busy, check, own_url, pause_s, server_url

URL = "http://host:8002/bms/b1"


def answer(status: int, body: str = "", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, text=body, headers=named, request=httpx.Request("GET", URL))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, KeyRefused),
        (403, KeyRefused),
        (404, NotServed),
        (422, NotAccepted),
        (301, ServerError),
        (418, ServerError),
    ],
)
def test_a_refusal_has_a_name(status: int, kind: type[ServerError]) -> None:
    """And the server's own words, which say more than a number."""
    with pytest.raises(kind, match="no bms device 'b9'") as caught:
        check(answer(status, '{"detail": "no bms device \'b9\'"}'))
    assert (type(caught.value), caught.value.status, caught.value.url) == (kind, status, URL)


@pytest.mark.parametrize(
    ("after", "after_s"), [("7", 7.0), ("", 0.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0)]
)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_get_better_is_busy(status: int, after: str, after_s: float) -> None:
    """A restart, a proxy without its server, a limit: try again, not before the server says."""
    with pytest.raises(Busy, match=str(status)) as caught:
        check(answer(status, retry_after=after))
    assert caught.value.after_s == after_s


@pytest.mark.parametrize("body", ["", "<html>", "[1]", '{"detail": ""}', '{"other": 1}'])
def test_an_answer_without_words_still_makes_a_sentence(body: str) -> None:
    """A proxy's page is no problem document."""
    with pytest.raises(NotServed, match="404: Not Found"):
        check(answer(404, body))


def test_a_good_answer_passes() -> None:
    check(answer(200))
    check(answer(204))


@pytest.mark.parametrize("url", ["127.0.0.1:8002", "ftp://host/", "http://h:port/", "bess1", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(NotAccepted):
        server_url(url)


@pytest.mark.parametrize("url", ["http://other:8002/x", "https://host:8002/x", "http://host:8003/x", "http://host/x"])
def test_a_link_to_another_server_is_not_followed(url: str) -> None:
    """The key would go with it."""
    with pytest.raises(ServerError, match="another server"):
        own_url(httpx.URL(URL), httpx.URL(url))
    assert own_url(httpx.URL(URL), httpx.URL(URL)) == URL


def test_attempts_spread_and_have_a_limit() -> None:
    """At first as the server said; then longer, never all at once, never longer than half a minute."""
    assert pause_s(0, retry_s=1.5) == 1.5
    assert 1.5 <= pause_s(1, retry_s=2.0) <= 2.5
    assert {pause_s(n, retry_s=2.0, spread=lambda low, high: high) for n in (6, 99, 10**6)} == {30.0}
