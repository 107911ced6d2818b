"""Resume."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bessline.live.ids import LiveId, ReplayId
from bessline.live.resume import CatchUp, Missing, missing, told
from unit_tests.bessline.live.plants import BASE, renderer, row, said

POSITION = LiveId("s", "c", 1, 100)


def test_an_id_of_this_lap_tells_what_is_missing() -> None:
    """Everything after it, up to where the stream stands; history takes it as a half-open range."""
    span = missing(POSITION.at(40), POSITION)
    assert span == Missing(40, 100)
    assert span.half_open == (41, 101)


def test_what_cannot_be_told_is_none() -> None:
    """An earlier lap, another store, a replay's id, or no id at all."""
    for last in (LiveId("s", "c", 0, 40), LiveId("x", "c", 1, 40), ReplayId("s", 40), None, POSITION.at(101)):
        assert missing(last, POSITION) is None


def test_a_reset_names_no_span() -> None:
    """There is nothing that could be fetched."""
    assert told("reset") == {"status": "reset", "missed": 0, "from": None, "to": None, "history": None}


def caught_up(stamps: list[int], *, k: int, after_ms: int, tolerance_ms: int = 10**9) -> list[dict[str, object]]:
    catch_up = CatchUp(renderer(), k=k, after_ms=after_ms, period_ms=10, tolerance_ms=tolerance_ms)
    frames = [*catch_up.take((t, row(t)) for t in stamps), *catch_up.finish()]
    assert [frame.t_ms for frame in frames] == sorted(frame.t_ms for frame in frames)
    return said(frames)


def test_with_k_1_every_missed_reading_comes_by_itself() -> None:
    """With the very bytes that it would have had."""
    assert [event["id"] for event in caught_up([10, 20], k=1, after_ms=0)] == [str(BASE.at(10)), str(BASE.at(20))]


def test_missed_readings_are_merged_as_live_ones() -> None:
    """At the same places of data time; the last may be less than full."""
    events = caught_up([20, 30, 40, 50, 60, 70], k=3, after_ms=10)
    assert [(event["id"], event["data"]["merged"]) for event in events] == [  # type: ignore[index]
        (str(BASE.at(20)), 1),
        (str(BASE.at(50)), 3),
        (str(BASE.at(70)), 2),
    ]


def test_a_gap_that_was_missed_is_told() -> None:
    """Gaps are never merged away, and come after the readings before them."""
    events = caught_up([10, 20, 90], k=3, after_ms=0, tolerance_ms=30)
    assert [event["event"] for event in events] == [None, "gap", None]


@given(st.sets(st.integers(1, 500), max_size=60), st.integers(1, 7), st.integers(0, 200))
def test_each_missed_reading_counts_once(stamps: set[int], k: int, block: int) -> None:
    """However the reading is cut into blocks, nothing is lost and nothing comes twice."""
    rows = [(t, row(t)) for t in sorted(stamps)]
    catch_up = CatchUp(renderer(), k=k, after_ms=0, period_ms=10, tolerance_ms=40)
    frames = [*catch_up.take(rows[:block]), *catch_up.take(rows[block:]), *catch_up.finish()]
    readings = [event["data"] for event in said(frames) if event["event"] is None]
    assert sum(reading.get("merged", 1) for reading in readings) == len(rows)
    assert [reading["timestamp"] for reading in readings] == sorted({reading["timestamp"] for reading in readings})
