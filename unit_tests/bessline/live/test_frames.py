"""Frames and batches."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bessline.live.frames import Batch, Frame, rfc3339
from bessline.live.ids import FIRST_MS, LAST_MS


@given(st.integers(FIRST_MS, LAST_MS))
def test_times_are_exact_to_the_millisecond(t_ms: int) -> None:
    """No time is rounded, in any year."""
    text = rfc3339(t_ms)
    assert len(text) == len("2024-05-01T00:00:00.000Z")
    assert round((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000) == t_ms


def test_a_batch_is_joined_and_made_ready_once() -> None:
    """However many take it."""
    made: list[bytes] = []

    def form(body: bytes) -> bytes:
        made.append(body)
        return b"<" + body + b">"

    batch = Batch([Frame(b"a", "1", reading=True), Frame(b"b", "2", reading=False)], before=())
    assert [batch.formed(each) for each in (bytes, form, form)] == [b"ab", b"<ab>", b"<ab>"]
    assert made == [b"ab"]
