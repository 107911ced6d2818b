"""Frames and batches."""

from __future__ import annotations

from bessline.live.frames import Batch, Frame


def test_a_batch_is_joined_and_made_ready_once() -> None:
    """However many take it."""
    made: list[bytes] = []

    def form(body: bytes) -> bytes:
        made.append(body)
        return b"<" + body + b">"

    batch = Batch([Frame(b"a", "1", reading=True), Frame(b"b", "2", reading=False)], before=())
    assert [batch.formed(each) for each in (bytes, form, form)] == [b"ab", b"<ab>", b"<ab>"]
    assert made == [b"ab"]
