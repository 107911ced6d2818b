"""A subscriber's seat."""

from __future__ import annotations

from bessline.live.hub import Hub
from bessline.live.resume import Missing
from bessline.live.seat import Seat
from unit_tests.bessline.live.plants import BASE, encode, row, said


def seated(k: int) -> tuple[Seat, Hub]:
    hub = Hub(encode)
    rate, box = hub.channel("b1", "bms", base=BASE).join(("soc",), k, wake=lambda: None, now_s=0.0)
    return Seat(rate, box, BASE.at(20), None, rate.render, period_ms=10.0, tolerance_ms=30.0), hub


def test_catching_up_keeps_the_rate_of_the_seat() -> None:
    """Two at a time live, two at a time from the store."""
    catch_up = seated(2)[0].catch_up(Missing(-1, 30))
    frames = [*catch_up.take((t, row(t)) for t in (0, 10, 20, 30)), *catch_up.finish()]
    assert [event["data"]["merged"] for event in said(frames)] == [2, 2]


def test_a_slow_one_that_reads_amid_a_merge_loses_nothing() -> None:
    """What it took is not sent again with the merge of its class."""
    seat, hub = seated(4)
    channel = hub.channels["b1", "bms"]
    seat.mailbox.slow, seat.mailbox.apart = True, seat.rate.merge.copy()
    told = []
    for t_ms in range(8):
        channel.publish([(t_ms, row(t_ms))])
        channel.turn(t_ms)
        if t_ms == 1:
            told += seat.take()
    told += seat.take()
    assert [event["data"]["merged"] for event in said(told)] == [2, 2, 4]
