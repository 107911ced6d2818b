"""The hub: channels and rate classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.live.frames import Frame
from bessline.live.hub import Channel, Hub, RateClass
from bessline.live.mailbox import Mailbox
from unit_tests.bessline.live.plants import BASE, encode, row, said


def channel() -> Channel:
    """A topic with a reading each tick of 1 s."""
    return Hub(encode).channel("b1", "bms", base=BASE)


def join(to: Channel, k: int = 1, fields: tuple[str, ...] = ("soc",)) -> tuple[RateClass, Mailbox]:
    return to.join(fields, k, wake=lambda: None, now_s=0.0)


def tick(on: Channel, t_ms: int) -> None:
    """A tick that brings one reading."""
    on.publish([(t_ms, row(t_ms, soc=float(t_ms), soh=1.0))])
    on.turn(t_ms)


def counted(frames: list[Frame]) -> list[int]:
    return [event["data"].get("merged", 1) for event in said(frames)]


def test_one_encoding_serves_all_of_a_class() -> None:
    """The same bytes object lies in every mailbox."""
    topic = channel()
    boxes = [join(topic)[1] for _ in range(3)]
    tick(topic, 1)
    assert len({id(box.take()[0].body) for box in boxes}) == 1
    assert topic._counts.encoded == 1


def test_a_channel_without_listeners_encodes_nothing() -> None:
    """Nobody asked."""
    topic = channel()
    tick(topic, 1)
    assert (topic._counts.published, topic._counts.encoded) == (1, 0)


def test_other_fields_are_another_class() -> None:
    """Each gets what it asked for."""
    topic = channel()
    (_, one), (_, other) = join(topic), join(topic, fields=("soh",))
    tick(topic, 1)
    assert [sorted(said(box.take())[0]["data"]) for box in (one, other)] == [
        ["device_id", "soc", "timestamp"],
        ["device_id", "soh", "timestamp"],
    ]


@pytest.mark.parametrize(
    ("interval_s", "pace_s", "k"), [(0.05, 1.0, 1), (1.4, 1.0, 1), (2.0, 1.0, 2), (2.0, 0.5, 4), (1.0, 2.0, 1)]
)
def test_the_rate_is_counted_in_readings(interval_s: float, pace_s: float, k: int) -> None:
    """k = max(1, round(interval / pace))."""
    topic = channel()
    topic.pace_s = pace_s
    assert topic.merges(interval_s) == k


def test_classes_of_one_length_have_their_turn_at_the_same_tick() -> None:
    """A topic of half the rate ends its merges together with the others, so that one id covers all."""
    topic = channel()
    topic.ticks = 2.0
    assert join(topic, k=3)[0].every == 6
    assert join(channel(), k=6)[0].every == 6


def test_with_k_1_every_reading_passes() -> None:
    """Also two of one tick."""
    topic = channel()
    box = join(topic)[1]
    topic.publish([(1, row(1)), (2, row(2))])
    assert counted(box.take()) == [1, 1]


def test_merges_end_where_data_time_says() -> None:
    """Three at a time, wherever one joined."""
    topic = channel()
    rate, box = join(topic, k=3)
    for t_ms in range(1, 9):
        tick(topic, t_ms)
    frames = box.take()
    assert [frame.t_ms for frame in frames] == [2, 5, 8]
    assert counted(frames) == [2, 3, 3]
    assert rate.merge.count == 0


def test_who_joins_amid_a_merge_gets_its_own() -> None:
    """What came before is in its snapshot, and is not counted twice."""
    topic = channel()
    _, first = join(topic, k=3)
    tick(topic, 3)
    _, second = join(topic, k=3)
    for t_ms in (4, 5, 6, 7, 8):
        tick(topic, t_ms)
    assert counted(first.take()) == [3, 3]
    mine = second.take()
    assert counted(mine) == [2, 3]
    assert said(mine)[0]["data"]["window"]["soc"]["min"] == 4.0


def test_a_gap_ends_the_merge_before_it() -> None:
    """The id of a gap means that all before it was sent."""
    topic = channel()
    _, box = join(topic, k=3)
    tick(topic, 0)
    topic.insist(topic.renderer().gap(1, from_ms=0, to_ms=None))
    assert [event["event"] for event in said(box.take())] == [None, "gap"]


def test_another_lap_gives_other_ids_from_the_reset_on() -> None:
    """What was pending is sent with the ids of its own lap."""
    topic = channel()
    _, box = join(topic, k=3)
    tick(topic, 0)
    topic.rebase(replace(BASE, lap=1))
    topic.insist(topic.renderer().reset(0))
    tick(topic, 2)
    assert [event["id"].split(".")[3] for event in said(box.take())] == ["0", "1", "1"]


def test_who_leaves_is_forgotten() -> None:
    """A class without listeners is gone."""
    topic = channel()
    rate, box = join(topic)
    assert len(topic) == 1
    topic.leave(rate, box)
    assert (len(topic), topic._classes) == (0, {})


class TestSweep:
    """Housekeeping, told the time."""

    def swept(self, now_s: float, *, sending_since: float | None = None) -> tuple[Mailbox, list[str]]:
        hub, stopped = Hub(encode), list[str]()
        _, box = join(hub.channel("b1", "bms", base=BASE))
        box.sending_since, box.stop = sending_since, lambda: stopped.append("stop")
        hub.sweep(now_s, heartbeat=Frame(b":", 0, reading=False), after_s=15.0, stall_s=30.0)
        return box, stopped

    def test_silence_is_broken_by_a_heartbeat(self) -> None:
        """After 15 s without an event, and not before."""
        assert self.swept(14.9)[0].take() == []
        assert self.swept(15.0)[0].take() == [Frame(b":", 0, reading=False)]

    def test_who_takes_nothing_is_stopped(self) -> None:
        """After 30 s in one write; until then it gets no heartbeat on top."""
        box, stopped = self.swept(40.0, sending_since=11.0)
        assert (box.closed, box.take(), stopped) == (None, [], [])
        box, stopped = self.swept(40.0, sending_since=9.0)
        assert (box.closed, stopped) == ("stalled", ["stop"])


@given(
    k=st.integers(1, 5),
    rows=st.lists(st.booleans(), max_size=40),
    joins=st.integers(0, 40),
    takes=st.sets(st.integers(0, 40)),
    gaps=st.sets(st.integers(0, 40)),
)
def test_from_the_moment_of_joining_each_reading_counts_once(
    k: int, rows: list[bool], joins: int, takes: set[int], gaps: set[int]
) -> None:
    """Whenever one joins and reads, whatever is missing: no loss, no duplicate, ids in order."""
    topic = channel()
    join(topic, k)
    rate: RateClass | None = None
    box: Mailbox | None = None
    told: list[dict[str, Any]] = []
    for t_ms, there in enumerate(rows):
        if t_ms == joins:
            rate, box = join(topic, k)
        if there:
            topic.publish([(t_ms, row(t_ms))])
        if t_ms in gaps:
            topic.insist(topic.renderer().gap(t_ms, from_ms=t_ms, to_ms=None))
        topic.turn(t_ms)
        if rate and box and t_ms in takes:
            told += said(box.take(amid=rate.merge.count > 0))
    topic.flush()
    told += said(box.take()) if box else []
    readings = [event for event in told if event["event"] is None]
    assert sum(event["data"].get("merged", 1) for event in readings) == sum(rows[joins:])
    stamps = [event["data"]["timestamp"] for event in readings]
    assert stamps == sorted(set(stamps))
