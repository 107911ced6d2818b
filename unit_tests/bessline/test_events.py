"""Reading an event stream: whatever cuts the bytes and ends the lines, the same events come out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.events import Decoder, Message

TEXT = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=8)
FIELD = st.one_of(
    st.tuples(st.sampled_from(["data", "event", "id", "other"]), TEXT).map(lambda pair: f"{pair[0]}: {pair[1]}"),
    st.integers(0, 99_999).map(lambda ms: f"retry: {ms}"),
    TEXT.map(lambda text: f": {text}"),
    st.just(""),
)
STREAM = st.lists(FIELD, max_size=30)


def read(*chunks: bytes) -> list[Message]:
    decoder = Decoder()
    return [message for chunk in chunks for message in decoder.feed(chunk)]


@given(lines=STREAM, end=st.sampled_from(["\n", "\r", "\r\n"]), cuts=st.lists(st.integers(0, 400)), bom=st.booleans())
def test_neither_cuts_nor_line_ends_matter(lines: list[str], end: str, cuts: list[int], bom: bool) -> None:
    """A network cuts where it likes, and a line may end in three ways: the events are the same."""
    whole = "".join(line + "\n" for line in lines).encode()
    sent = (b"\xef\xbb\xbf" if bom else b"") + "".join(line + end for line in lines).encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(sent)), len(sent)]
    plain, cut = Decoder(), Decoder()
    expected = plain.feed(whole)
    found = [event for a, b in pairwise(places) for event in cut.feed(sent[a:b])]
    assert found == expected
    assert (cut.last_id, cut.retry_ms) == (plain.last_id, plain.retry_ms)


@given(lines=STREAM)
def test_every_byte_by_itself(lines: list[str]) -> None:
    """The worst cut of all."""
    sent = "".join(line + "\r\n" for line in lines).encode()
    assert read(*(sent[at : at + 1] for at in range(len(sent)))) == read(sent)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("data: 1\n\n", [Message("message", "1", "")]),
        ("id: 7\nevent: gap\ndata: 1\ndata: 2\n\n", [Message("gap", "1\n2", "7")]),
        ("id: 7\ndata: 1\n\ndata: 2\n\n", [Message("message", "1", "7"), Message("message", "2", "7")]),
        ("data:1\n\ndata:  1\n\n", [Message("message", "1", ""), Message("message", " 1", "")]),
        ("data\n\n", [Message("message", "", "")]),
        (": heartbeat\n\n", []),
        ("id: 7\n\n: heartbeat\n\n", []),
        ("retry: 10\n\n", []),
        ("event: gap\n\ndata: 1\n\n", [Message("message", "1", "")]),
        ("id: a\0b\ndata: 1\n\n", [Message("message", "1", "")]),
        ("data: 1\n", []),
        ("nonsense\n: data: 1\ndata: 2\n\n", [Message("message", "2", "")]),
        ("data: é\u2028ü\n\n", [Message("message", "é\u2028ü", "")]),
    ],
)
def test_the_rules_of_the_format(sent: str, expected: list[Message]) -> None:
    """Only data makes an event; ids stay, names do not; a comment is nothing."""
    assert read(sent.encode()) == expected


def test_an_id_counts_when_its_event_is_complete() -> None:
    """A connection that breaks between an id and its data has not delivered that event."""
    decoder = Decoder()
    decoder.feed(b"id: 1\ndata: 1\n\nid: 2\ndata: 2\n")
    assert decoder.last_id == "1"
    decoder.feed(b"\nid: 3\n\n")
    assert decoder.last_id == "3"


@pytest.mark.parametrize("value", ["-1", "1.5", "", "ten", "٣", "9" * 5000])
def test_a_retry_that_is_no_number_is_ignored(value: str) -> None:
    decoder = Decoder()
    decoder.feed(f"retry: 500\nretry: {value}\n\n".encode())
    assert decoder.retry_ms == 500


def test_broken_text_is_replaced() -> None:
    """One bad byte does not end a stream."""
    assert read(b"data: \xff1\n\n") == [Message("message", "�1", "")]
