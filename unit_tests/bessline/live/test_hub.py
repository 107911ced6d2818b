"""The hub: channels, audiences, and what reaches whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessline.live.audience import Manner
from bessline.live.hub import Hub
from bessline.live.series import Wish
from unit_tests.bessline.live.plants import BASE, Listens, hub_of, join, row

CLOCK = BASE.clock


def tick(hub: Hub, t_ms: int, *topics: str) -> None:
    """A tick that brings one reading of each of `topics`."""
    for topic in topics or ("bms",):
        hub.channels["b1", topic].publish([(t_ms, row(t_ms, soc=float(t_ms), soh=1.0))])
    hub.turn(CLOCK, t_ms)


def counted(member: Listens) -> list[int]:
    return [event["data"].get("merged", 1) for event in member.told]


def test_one_encoding_serves_all_who_want_the_same() -> None:
    """The same batch, whose bytes are joined and framed once, goes to every member."""
    hub = hub_of()
    members = [join(hub) for _ in range(3)]
    tick(hub, 1)
    assert len({id(member.batches[0]) for member in members}) == 1
    assert (hub.counts.encoded, hub.counts.sent) == (1, 3)


def test_a_channel_without_listeners_encodes_nothing() -> None:
    """Nobody asked."""
    hub = hub_of()
    tick(hub, 1)
    assert (hub.counts.published, hub.counts.encoded) == (1, 0)


def test_who_wants_other_fields_gets_them() -> None:
    """Each gets what it asked for."""
    hub = hub_of()
    one, other = join(hub), join(hub, fields=("soh",))
    tick(hub, 1)
    assert [sorted(member.told[0]["data"]) for member in (one, other)] == [
        ["device_id", "soc", "timestamp"],
        ["device_id", "soh", "timestamp"],
    ]


def test_events_of_one_tick_are_one_batch() -> None:
    """Fifteen topics cost one write."""
    topics = [f"t{n}" for n in range(15)]
    hub = hub_of(*topics)
    member = join(hub, *topics, named=True)
    tick(hub, 1, *topics)
    assert [len(batch.frames) for batch in member.batches] == [15]
    assert [event["event"] for event in member.told] == topics


def test_who_is_not_in_step_gets_nothing() -> None:
    """It reads from the store until it is."""
    hub = hub_of()
    member = join(hub)
    member.in_step = False
    tick(hub, 1)
    assert (member.batches, hub.counts.sent) == ([], 0)


@pytest.mark.parametrize(
    ("interval_s", "pace_s", "k"), [(0.05, 1.0, 1), (1.4, 1.0, 1), (2.0, 1.0, 2), (2.0, 0.5, 4), (1.0, 2.0, 1)]
)
def test_the_rate_is_counted_in_readings(interval_s: float, pace_s: float, k: int) -> None:
    """k = max(1, round(interval / pace))."""
    hub = hub_of()
    hub.channels["b1", "bms"].pace_s = pace_s
    audience = hub.join(Listens(), [Wish("b1", "bms", ("soc",))], Manner(interval_s))
    assert audience.sections[CLOCK].series[0].k == k


def test_with_k_1_every_reading_passes() -> None:
    """Also two of one tick."""
    hub = hub_of()
    member = join(hub)
    hub.channels["b1", "bms"].publish([(1, row(1)), (2, row(2))])
    hub.turn(CLOCK, 2)
    assert counted(member) == [1, 1]


def test_merges_end_where_data_time_says() -> None:
    """Three at a time, wherever one joined: all get the same bytes."""
    hub = hub_of()
    first = join(hub, interval_s=3.0)
    for t_ms in range(1, 4):
        tick(hub, t_ms)
    second = join(hub, interval_s=3.0)
    for t_ms in range(4, 9):
        tick(hub, t_ms)
    assert [event["id"] for event in first.told] == [str(BASE.at(t_ms)) for t_ms in (2, 5, 8)]
    assert counted(first) == [2, 3, 3]
    assert second.batches == first.batches[1:]


def test_who_joins_amid_a_merge_stands_before_it() -> None:
    """Its place is that of the last batch, so what is merged so far is not yet its own."""
    hub = hub_of()
    join(hub, interval_s=3.0)
    for t_ms in (1, 2, 3):
        tick(hub, t_ms)
    audience = hub.join(Listens(), [Wish("b1", "bms", ("soc",))], Manner(3.0))
    assert audience.places == (BASE.at(2),)


def test_the_merges_of_a_connection_go_out_at_one_tick() -> None:
    """A coarser topic waits for the finer one, so that one id covers both."""
    hub = hub_of("bms", "pcs")
    hub.channels["b1", "pcs"].ticks = hub.channels["b1", "pcs"].pace_s = 2.0
    member = join(hub, "bms", "pcs", interval_s=4.0, named=True)
    for t_ms in range(8):
        tick(hub, t_ms, *(("bms", "pcs") if t_ms % 2 == 0 else ("bms",)))
    assert [[frame.ident for frame in batch.frames][-1] for batch in member.batches] == [
        str(BASE.at(3)),
        str(BASE.at(7)),
    ]
    assert counted(member) == [4, 2, 4, 2]


def test_a_gap_does_not_wait_and_ends_the_merge_before_it() -> None:
    """The id of a gap means that all before it was sent."""
    hub = hub_of()
    member = join(hub, interval_s=3.0)
    tick(hub, 0)
    hub.channels["b1", "bms"].gap(1, from_ms=0, to_ms=None)
    hub.turn(CLOCK, 1)
    assert [event["event"] for event in member.told] == [None, "gap"]


def test_another_lap_gives_other_ids_from_the_reset_on() -> None:
    """What was pending is sent with the ids of its own lap; one reset for a connection, not one a topic."""
    hub = hub_of("bms", "pcs")
    member = join(hub, "bms", "pcs", interval_s=3.0, named=True)
    tick(hub, 0, "bms", "pcs")
    hub.reset(CLOCK, replace(BASE, lap=1))
    tick(hub, 2, "bms", "pcs")
    assert [event["event"] for event in member.told] == ["bms", "pcs", "reset", "bms", "pcs"]
    assert [event["id"].split(".")[3] for event in member.told] == ["0", "0", "1", "1", "1"]
    assert member.told[2]["data"] == {"devices": ["b1"], "lap": 1, "to": "1970-01-01T00:00:00.000Z"}


def test_devices_that_change_their_clock_begin_again() -> None:
    """Their time may go backwards, and time goes backwards only after a reset."""
    hub = hub_of()
    member = join(hub)
    hub.flush()
    hub.channels["b1", "bms"].base = replace(BASE, clock="0ther")
    hub.regroup()
    assert [(event["event"], event["id"].split(".")[2]) for event in member.told] == [("reset", "0ther")]


def test_two_clocks_each_have_their_place_in_the_id() -> None:
    """A tick of one moves its place only."""
    hub = hub_of("bms")
    hub.channel("b2", "bms", base=replace(BASE, clock="z2"))
    member = Listens()
    hub.join(member, [Wish("b1", "bms", ("soc",)), Wish("b2", "bms", ("soc",))], Manner(1.0, named=True))
    tick(hub, 16)
    hub.channels["b2", "bms"].publish([(5, row(5))])
    hub.turn("z2", 5)
    assert [event["id"] for event in member.told] == ["j.5708e001.45b4.0.0.g_0", "j.5708e001.45b4.0.5.b_0"]


def test_who_leaves_is_forgotten() -> None:
    """An audience without members is gone."""
    hub = hub_of()
    member = Listens()
    audience = hub.join(member, [Wish("b1", "bms", ("soc",))], Manner(1.0))
    assert (hub.members, hub.listeners()) == (1, {"bms": 1})
    hub.leave(member, audience)
    assert (hub.members, hub.audiences, hub.channels["b1", "bms"].listeners) == (0, {}, {})


@given(
    interval=st.integers(1, 5),
    rows=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40),
    gaps=st.sets(st.integers(0, 40)),
)
def test_each_reading_counts_once(interval: int, rows: list[tuple[bool, bool]], gaps: set[int]) -> None:
    """Whatever is missing: no loss, no duplicate, and every topic in order."""
    hub = hub_of("bms", "pcs")
    member = join(hub, "bms", "pcs", interval_s=float(interval), named=True)
    for t_ms, there in enumerate(rows, 1):
        for topic, is_there in zip(("bms", "pcs"), there, strict=True):
            if is_there:
                hub.channels["b1", topic].publish([(t_ms, row(t_ms))])
        if t_ms in gaps:
            hub.channels["b1", "bms"].gap(t_ms, from_ms=t_ms, to_ms=None)
        hub.turn(CLOCK, t_ms)
    hub.flush()
    for n, topic in enumerate(("bms", "pcs")):
        mine = [event["data"] for event in member.told if event["event"] == topic]
        assert sum(data.get("merged", 1) for data in mine) == sum(there[n] for there in rows)
        stamps = [data["timestamp"] for data in mine]
        assert stamps == sorted(set(stamps))
