"""Frames."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bessline.live.frames import rfc3339
from bessline.live.ids import FIRST_MS, LAST_MS
from bessline.live.merge import Merge
from unit_tests.bessline.live.plants import BASE, renderer, row, said


@given(st.integers(FIRST_MS, LAST_MS))
def test_times_are_exact_to_the_millisecond(t_ms: int) -> None:
    """No time is rounded, in any year."""
    text = rfc3339(t_ms)
    assert len(text) == len("2024-05-01T00:00:00.000Z")
    assert round((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000) == t_ms


def test_a_reading_has_the_fields_asked_for_in_their_order() -> None:
    """The object of history, with the device before it."""
    frame = renderer("soh", "soc").reading(7, row(7, soc=1.0, soh=2.0, voltage=3.0))
    (event,) = said([frame])
    assert list(event["data"].items()) == [("device_id", "b1"), ("timestamp", 7), ("soh", 2.0), ("soc", 1.0)]
    assert (event["event"], event["id"], frame.reading) == (None, str(BASE.at(7)), True)


def test_a_merged_reading_says_what_it_stands_for() -> None:
    """It carries the id of the last reading that it covers."""
    merge = Merge(("soc",))
    merge.add(3, row(3))
    merge.add(4, row(4))
    (event,) = said([renderer().merged(merge)])
    assert event["id"] == str(BASE.at(4))
    assert (event["data"]["merged"], event["data"]["window"]) == (2, {"soc": {"min": 3.0, "max": 4.0}})


def test_a_reset_comes_before_the_first_reading_of_its_lap() -> None:
    """Who breaks off right after a reset still gets the first reading."""
    frame = renderer().reset(100)
    assert (frame.t_ms, frame.reading, said([frame])[0]["data"]["to"]) == (99, False, "1970-01-01T00:00:00.100Z")


def test_a_gap_without_end_is_open() -> None:
    """A source that is still silent has no end of silence."""
    (event,) = said([renderer().gap(5000, from_ms=1000, to_ms=None)])
    assert event["data"] == {"device_id": "b1", "topic": "bms", "from": "1970-01-01T00:00:01.000Z", "to": None}
