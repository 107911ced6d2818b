"""An audience: all who asked for the same."""

from __future__ import annotations

import pytest

from bessline.live.audience import Audience, Counts, Manner, at, ended
from bessline.live.series import Wish
from unit_tests.bessline.live.plants import BASE, hub_of, row, said

WISHES = [Wish("b1", topic, ("soc",)) for topic in ("bms", "pcs")]


def audience(*, named: bool = True) -> Audience:
    hub = hub_of("bms", "pcs")
    wishes = WISHES if named else WISHES[:1]
    parts = [hub.channels["b1", wish.topic] for wish in wishes]
    return Audience(wishes, Manner(1.0, named=named), parts=parts, tools=hub)


@pytest.mark.parametrize(("named", "name"), [(True, "bms"), (False, None)])
def test_a_reading_is_named_where_there_may_be_several_topics(named: bool, name: str | None) -> None:
    """On a one-topic stream `onmessage` gets it."""
    one = audience(named=named)
    one.add(WISHES[0], [(3, row(3))])
    batch = one.turn(BASE.clock, 3)
    assert batch is not None
    assert said(batch.frames)[0]["event"] == name


def test_a_batch_says_from_where_it_goes_on() -> None:
    """So whoever cannot take it knows what it misses."""
    one = audience()
    one.add(WISHES[1], [(3, row(3))])
    batch = one.turn(BASE.clock, 5)
    assert batch is not None
    assert (batch.before, one.places, one.ident) == ((BASE,), (BASE.at(5),), str(BASE.at(5)))


def test_a_reset_comes_before_the_first_reading_of_its_lap() -> None:
    """Who breaks off right after a reset still gets the first reading; on a one-topic stream it names the topic."""
    one = audience(named=False)
    (event,) = said(one.reset(BASE.clock, BASE.at(100)).frames)
    assert event["id"] == str(BASE.at(99))
    assert event["data"] == {"device_id": "b1", "topic": "bms", "lap": 0, "to": "1970-01-01T00:00:00.100Z"}


def test_merged_readings_are_counted_for_each_member() -> None:
    """Three become one for nobody, so far."""
    one = audience()
    one.sections[BASE.clock].series[0].k = 3
    one.add(WISHES[0], [(1, row(1)), (2, row(2)), (3, row(3))])
    one.turn(BASE.clock, 3)
    assert one._tools.counts.merged == 0


def test_a_close_is_counted_by_its_reason() -> None:
    """For the metrics."""
    counts = Counts()
    counts.close("bye")
    counts.close("bye")
    assert counts.closed == {"bye": 2}


def test_an_end_has_an_id_of_its_own() -> None:
    """Once."""
    assert ended(ended("l.s.c.0.5")) == "l.s.c.0.5.end"


def test_the_id_of_a_connection_moves_on_one_clock() -> None:
    """The places on the others stay."""
    other = BASE.__class__("5708e001", "other", 0, 7)
    assert str(at([BASE, other], other.at(8))) == "j.5708e001.2017.0.0.0_8"
    assert at([BASE], BASE.at(9)) == BASE.at(9)
