"""Cursors: they come back as they went, and nothing else is taken for one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.paging import Cursor
from bessline.errors import BadCursor

STORE = "00c0ffee"
AN_INT = st.none() | st.integers(-(2**60), 2**60)
CURSORS = st.builds(
    Cursor,
    device_id=st.just("b1"),
    topic=st.just("bms"),
    start_ms=AN_INT,
    end_ms=AN_INT,
    fields=st.none() | st.lists(st.sampled_from(["soc", "soh", "voltage"])).map(tuple),
    after_ms=AN_INT,
)
CURSOR = Cursor("b1", "bms", 5, 100, ("soc",), 7)


def read(text: str, *, store: str = STORE, device_id: str = "b1", topic: str = "bms") -> Cursor:
    return Cursor.read(text, store, device_id=device_id, topic=topic)


@given(CURSORS)
def test_a_cursor_comes_back_as_it_went(cursor: Cursor) -> None:
    text = cursor.write(STORE)
    assert read(text) == cursor
    assert text.replace("-", "").replace("_", "").isalnum()


def test_it_goes_on_behind_the_last_row_or_at_the_start() -> None:
    assert CURSOR.resume_ms == 8
    assert Cursor("b1", "bms", 5, 100, None, None).resume_ms == 5


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_one_changed_letter_is_noticed(place: int, letter: str) -> None:
    text = CURSOR.write(STORE)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(BadCursor):
            read(changed)


@given(st.text(max_size=60))
def test_no_text_is_a_cursor_by_chance(text: str) -> None:
    with pytest.raises(BadCursor):
        read(text)


@pytest.mark.parametrize("text", ["", "=", "A" * 100_000, base64.urlsafe_b64encode(b"x" * 40).decode()])
def test_rubbish_is_refused_at_any_length(text: str) -> None:
    with pytest.raises(BadCursor, match="begin again without it"):
        read(text)


def test_a_cursor_of_another_store_is_refused() -> None:
    with pytest.raises(BadCursor, match="another store"):
        read(CURSOR.write(STORE), store="deadbeef")


def test_a_cursor_of_another_device_or_topic_says_where_it_belongs() -> None:
    text = CURSOR.write(STORE)
    with pytest.raises(BadCursor, match="belongs to bms of b1"):
        read(text, device_id="b2")
    with pytest.raises(BadCursor, match="belongs to bms of b1"):
        read(text, topic="pcs")
