"""q-values: the client's wish, as HTTP says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.preference import preferred

TYPES = ("application/json", "text/csv", "application/vnd.apache.parquet")


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("", None),
        ("*/*", 0),
        ("application/*", 0),
        ("text/*", 1),
        ("text/csv", 1),
        ("TEXT/CSV", 1),
        ("text/csv, */*", 1),
        ("*/*;q=0.1, text/csv;q=0.2", 1),
        ("application/json;q=0.5, text/csv;q=0.6", 1),
        ("text/csv;q=0, */*", 0),
        ("application/json;q=0, */*", 1),
        ("application/vnd.apache.parquet;version=1;q=0.9, text/csv;q=0.8", 2),
        ("text/html", None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", 0),
        ("text/csv;q=nonsense", None),
        ("text/csv;q=7", 1),
        (",,;;,", None),
    ],
)
def test_the_best_liked_offer_is_taken(header: str, best: int | None) -> None:
    """What is named counts more than a star, a star takes the first, 0 means never."""
    assert preferred(header, TYPES) == best


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("gzip, deflate, br, zstd", 0),
        ("gzip", 1),
        ("identity", None),
        ("zstd;q=0.1, gzip", 1),
        ("*", 0),
        ("*;q=0", None),
    ],
)
def test_encodings_are_alike(header: str, best: int | None) -> None:
    assert preferred(header, ("zstd", "gzip")) == best


@given(st.text(max_size=60))
def test_no_header_breaks_it(header: str) -> None:
    assert preferred(header, TYPES) in (None, 0, 1, 2)
