"""Range: one stretch, clamped; what HTTP lets us ignore is ignored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.byte_range import Unsatisfiable, byte_range, part_headers


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=3-", (3, 10)),
        ("bytes=3-999", (3, 10)),
        ("bytes=-4", (6, 10)),
        ("bytes=-65536", (0, 10)),
        ("Bytes = 1 - 2", (1, 3)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,4-5", None),
        ("rows=0-1", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 19 + "-", None),
        ("bytes=٣-٤", None),
    ],
)
def test_a_range_is_a_stretch_or_ignored(header: str | None, part: tuple[int, int] | None) -> None:
    assert byte_range(header, 10) == part


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-5", 0), ("bytes=-0", 10)]
)
def test_behind_the_end_there_is_nothing(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable, match=f"{size} bytes"):
        byte_range(header, size)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 30))
def test_the_headers_tell_what_is_sent(first: int, last: int, size: int) -> None:
    """As a slice of the whole would be."""
    request = Request({"type": "http", "headers": [(b"range", f"bytes={first}-{last}".encode())]})
    body = bytes(range(size))
    try:
        start, stop, headers = part_headers(request, size, '"t"')
    except Unsatisfiable:
        assert first >= size
        return
    expected = body[first : last + 1] if first <= last else body
    assert body[start:stop] == expected
    assert headers["Content-Length"] == str(len(expected))
    assert headers.get("Content-Range", f"bytes {start}-{stop - 1}/{size}") == f"bytes {start}-{stop - 1}/{size}"


@pytest.mark.parametrize(("condition", "is_part"), [('"t"', True), ('"u"', False), ('W/"t"', False)])
def test_a_part_of_another_version_is_not_sent(condition: str, is_part: bool) -> None:
    """Two halves of two versions make no whole."""
    headers = [(b"range", b"bytes=1-"), (b"if-range", condition.encode())]
    _, _, told = part_headers(Request({"type": "http", "headers": headers}), 5, '"t"')
    assert ("Content-Range" in told) is is_part
