"""Bytes of an answer and the tags that mark them."""

import numpy as np
import pytest
from starlette.requests import Request

from api.answers import caching, encode, etag_of, is_current, json_answer, not_modified
from bessline.managers import Managers


def asked(header: str | None) -> Request:
    headers = [] if header is None else [(b"if-none-match", header.encode())]
    return Request({"type": "http", "headers": headers})


def test_json_numbers_are_finite_or_null() -> None:
    assert encode({"a": [float("nan"), float("inf"), -50.0], "n": np.int64(3)}) == b'{"a":[null,null,-50.0],"n":3}'
    assert json_answer([1]).media_type == "application/json"


def test_a_tag_tells_questions_apart(tiny_managers: Managers) -> None:
    store = tiny_managers.store
    assert etag_of(store, "a", "b") == etag_of(store, "a", "b")
    assert len({etag_of(store, *parts) for parts in [("a", "b"), ("ab",), ("b", "a"), ()]}) == 4
    assert etag_of(store).startswith('"')


@pytest.mark.parametrize(
    ("header", "current"),
    [(None, False), ('"t"', True), ('W/"t"', True), ('"x", "t"', True), ("*", True), ('"x"', False), ("t", False)],
)
def test_who_holds_the_tag_needs_no_body(header: str | None, current: bool) -> None:
    assert is_current(asked(header), '"t"') is current


def test_not_modified_says_what_it_was_about() -> None:
    answer = not_modified('"t"')
    assert (answer.status_code, answer.body, answer.headers["etag"]) == (304, b"", '"t"')
    assert caching('"t"')["Cache-Control"] == "no-cache"
    assert not_modified('"t"', vary="Accept").headers["vary"] == caching('"t"', vary="Accept")["Vary"] == "Accept"
    assert "vary" not in answer.headers
