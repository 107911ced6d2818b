"""A section: what goes out at a tick, and with which ids."""

from __future__ import annotations

from bessline.live.findings import Finding
from bessline.live.ids import LiveId, Told
from bessline.live.section import Placed, Section
from bessline.live.series import Series, Wish
from unit_tests.bessline.live.plants import BASE, row


def section(n: int, *, every: int = 1) -> Section:
    series = [Series(Wish("b1", f"t{index}", ("soc",)), k=1) for index in range(n)]
    return Section(series, place=BASE, every=every, step_ms=10)


def ids(placed: list[Placed]) -> list[LiveId]:
    return [place for place, _, _ in placed]


def test_a_single_topic_stands_at_the_stamp_of_its_last_reading() -> None:
    """What comes late may still lie between that and the tick."""
    one = section(1)
    one.series[0].add([(3, row(3)), (7, row(7))])
    assert ids(one.flush(10)) == [BASE.at(3), BASE.at(7)]
    assert one.place == BASE.at(7)


def test_only_the_last_of_a_batch_claims_all_of_it() -> None:
    """Those before it say how far they are, topic by topic."""
    two = section(2)
    for series in two.series:
        series.add([(7, row(7)), (9, row(9))])
    first, second, third, last = ids(two.flush(10))
    told = [[place.after_ms(index, two.mark) for index in (0, 1)] for place in (first, second, third)]
    assert told == [[7, 0], [9, 0], [10, 7]]
    assert (last, two.place) == (BASE.at(10), BASE.at(10))


def test_a_tick_without_readings_moves_the_place_of_many() -> None:
    """All up to it was sent: nothing."""
    two = section(2)
    assert two.flush(10) == []
    assert two.place == BASE.at(10)


def test_what_may_not_wait_makes_it_its_turn() -> None:
    """Else the turn comes every so many ticks, at fixed places of data time."""
    one = section(1, every=3)
    assert [now_ms for now_ms in range(0, 100, 10) if one.is_turn(now_ms)] == [20, 50, 80]
    one.urgent = True
    assert one.is_turn(0)
    one.flush(0)
    assert not one.is_turn(0)


def test_a_twin_is_empty_and_may_merge_all() -> None:
    """Catching up does not touch what waits for the others."""
    one = section(2, every=3)
    one.series[0].add([(1, row(1))])
    twin = one.twin(BASE.at(5), squash=True)
    assert (twin.place, twin.every, twin.mark) == (BASE.at(5), 3, one.mark)
    assert [series.k > 1 for series in twin.series] == [True, True]
    assert twin.flush(6) == []


def finding(key_ms: int, seq: int, device_id: str = "b1") -> Finding:
    return Finding(key_ms, seq, device_id, "anomaly", key_ms, {"n": seq})


def test_what_was_found_comes_after_the_readings() -> None:
    """It waits for no turn; where a break comes between them, it is still to be told."""
    one = section(1, every=3)
    one.series[0].add([(7, row(7))])
    one.tell(finding(7, 4))
    assert one.urgent
    reading, found = ids(one.flush(10))
    assert (reading.t_ms, reading.findings) == (7, Told(0, 0))
    assert (found.t_ms, found.findings, one.place) == (7, Told(7, 4), found)
    one.series[0].add([(12, row(12))])
    assert [place.told for place in ids(one.flush(20))] == [None]


def test_of_another_device_nothing_is_told() -> None:
    """Who wants one hears of one."""
    one = section(2)
    one.tell(finding(7, 4, "b2"))
    assert (one.flush(10), one.urgent, one.devices) == ([], False, ("b1",))


def test_input_that_is_behind_stays_where_it_is() -> None:
    """A finding of a later moment does not say that its readings up to there were sent."""
    series = [Series(Wish("b1", f"t{n}", ("soc",)), k=1) for n in range(2)]
    spread = Section(series, place=BASE, every=1, step_ms=10, levels=[5, 9])
    spread.tell(finding(9, 4))
    (place,) = ids(spread.flush(9))
    assert ([place.after_ms(n, spread.mark) for n in range(2)], place.findings) == ([5, 9], Told(9, 4))
    spread.series[0].add([(7, row(7))])
    (place,) = ids(spread.flush(9))
    assert place.findings == Told(9, 4)
