"""A series: one topic of one device as somebody wants it."""

from __future__ import annotations

from bessline.live.series import Series, Wish, merged_away
from unit_tests.bessline.live.plants import row


def series(k: int = 1, *fields: str) -> Series:
    return Series(Wish("b1", "bms", fields or ("soc",)), k=k)


def test_a_reading_has_the_fields_asked_for_in_their_order() -> None:
    """The object of history, with the device before it."""
    one = series(1, "soh", "soc")
    one.add([(7, row(7, soc=1.0, soh=2.0, voltage=3.0))])
    (piece,) = one.take()
    assert list(piece.data.items()) == [("device_id", "b1"), ("timestamp", 7), ("soh", 2.0), ("soc", 1.0)]
    assert (piece.event, piece.t_ms) == (None, 7)


def test_a_merged_reading_says_what_it_stands_for() -> None:
    """The newest of several, with their range."""
    one = series(2)
    one.add([(3, row(3)), (4, row(4))])
    pieces = one.take()
    assert (pieces[0].t_ms, pieces[0].data["merged"], merged_away(pieces)) == (4, 2, 1)
    assert pieces[0].data["window"] == {"soc": {"min": 3.0, "max": 4.0}}
    assert one.take() == []


def test_a_gap_stands_after_the_readings_before_it() -> None:
    """It is never merged, and a source that is still silent has no end of silence."""
    one = series(9)
    one.add([(3, row(3))])
    one.gap(5000, from_ms=1000, to_ms=None)
    one.add([(6000, row(6000))])
    pieces = one.take()
    assert [piece.event for piece in pieces] == [None, "gap", None]
    assert pieces[1].data == {"device_id": "b1", "topic": "bms", "from": "1970-01-01T00:00:01.000Z", "to": None}
