"""What a client asks of a stream."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from api.stream_query import StreamQuery, Wanted, check_range, last_id, live
from bessline.errors import BadParameter
from bessline.live.ids import LiveId, ReplayId
from bessline.live.resume import Missing
from bessline.live.series import Wish

PLAIN = Wanted("b1", "bms", ("soc",), 2.0, None, None, None, None, False, None)
LIVE, REPLAY = LiveId("s", "c", 0, 5), ReplayId("s", 5)


def test_the_defaults_are_those_of_the_contract() -> None:
    """A live stream of all fields, every 2 s."""
    query = StreamQuery()
    assert (query.interval, query.fields, query.analytics, query.max_events) == (2.0, None, True, None)


@pytest.mark.parametrize(
    "query",
    [
        {"interval": "0.04"},
        {"interval": "3601"},
        {"interval": "nan"},
        {"interval": "inf"},
        {"interval": "abc"},
        {"speed": "-1"},
        {"speed": "inf"},
        {"max_events": "0"},
        {"max_events": "1.5"},
        {"max_events": "9" * 30},
        {"analytics": "perhaps"},
        {"intervall": "1"},
    ],
)
def test_what_cannot_be_meant_is_refused(query: dict[str, str]) -> None:
    """Before anything is streamed."""
    with pytest.raises(ValidationError):
        StreamQuery.model_validate(query)


def test_the_header_beats_the_query() -> None:
    """As the contract orders them; an empty one is none."""
    assert last_id(str(LIVE), str(REPLAY)) == (True, LIVE)
    assert last_id(None, str(REPLAY)) == (True, REPLAY)
    assert last_id("", "what?") == (True, None)
    assert last_id(None, "") == (False, None)


@pytest.mark.parametrize(
    ("last", "start_ms", "is_replay"),
    [(None, None, False), (None, 5, True), (REPLAY, None, True), (LIVE, 5, False), (LIVE, None, False)],
)
def test_an_id_beats_the_start(last: LiveId | ReplayId | None, start_ms: int | None, is_replay: bool) -> None:
    """A live id goes on live, a replay id goes on with the replay."""
    assert replace(PLAIN, last=last, start_ms=start_ms).is_replay == is_replay


def test_only_the_id_of_an_end_is_over() -> None:
    """Of a live stream with `max_events` or of a replay."""
    assert not replace(PLAIN, last=LIVE).is_over
    assert replace(PLAIN, last=LIVE.at(5, ended=True)).is_over


def test_the_link_fetches_exactly_what_was_asked_for() -> None:
    """The range, and the fields where some were chosen."""
    asked, span = live(PLAIN), Missing(0, 8)
    query = "start=1970-01-01T00:00:00.001Z&end=1970-01-01T00:00:00.009Z"
    wish = Wish("b1", "bms", ("soc", "soh"))
    assert asked.history_of(wish, span) == f"/bms/b1?{query}"
    assert replace(asked, fields_asked=True).history_of(wish, span) == f"/bms/b1?{query}&fields=soc,soh"
    assert asked.history_of(Wish("m1", "meter", ()), span) == f"/meters/m1?{query}"


@pytest.mark.parametrize(("start_ms", "end_ms", "speed"), [(5, 4, None), (None, 4, None), (None, None, 1.0)])
def test_what_makes_no_sense_together_is_refused(start_ms: int | None, end_ms: int | None, speed: float | None) -> None:
    """An end before the start, and what belongs to a replay on a live stream."""
    with pytest.raises(BadParameter):
        check_range(replace(PLAIN, start_ms=start_ms, end_ms=end_ms, speed=speed))


def test_who_comes_back_is_not_refused_for_it() -> None:
    """An `EventSource` that comes back with the same address and an id must not be ended by an error."""
    check_range(replace(PLAIN, end_ms=4, came_back=True, last=LIVE))
