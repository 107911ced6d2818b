"""What a clock is still to tell."""

from __future__ import annotations

from bessline.live.findings import Agenda, Finding, Header, Line
from bessline.live.ids import Told


def found(key_ms: int, seq: int) -> Finding:
    return Finding(key_ms, seq, "b1", "anomaly", key_ms, {"n": seq})


def agenda() -> Agenda:
    made = Agenda(Line("c", 0), ("b1",), now_ms=100)
    made.load([found(110, 1), found(110, 2), found(150, 3)], upto_ms=200)
    return made


def seqs(findings: list[Finding]) -> list[int]:
    return [finding.seq for finding in findings]


def test_each_is_told_with_the_tick_that_reaches_it() -> None:
    """Once, in order."""
    one = agenda()
    assert [seqs(one.due(now_ms)) for now_ms in (109, 110, 140, 160)] == [[], [1, 2], [], [3]]


def test_what_becomes_known_late_comes_with_the_next_tick() -> None:
    """Before what that tick brings; what is known in time comes at its own."""
    one = agenda()
    one.due(120)
    one.add([found(120, 4), found(130, 5)])
    assert seqs(one.due(150)) == [4, 5, 3]


def test_history_is_nobodys_news() -> None:
    """Only what this server's clock has passed, in the stretch that was looked at; the rest is read when it is near."""
    one = agenda()
    wanted = [t_ms for t_ms in (99, 100, 101, 200, 201) if one.wants(Header(9, "b1", t_ms))]
    assert wanted == [101, 200]
    assert not one.wants(Header(9, "b2", 150))
    assert one.is_late(Header(9, "b1", 100))
    assert not one.is_late(Header(9, "b1", 101))


def test_a_lap_begins_with_nothing() -> None:
    """All is to be told again."""
    one = agenda()
    one.begin(1, 0)
    assert one.line == Line("c", 1)
    assert one.due(500) == []
    assert one.wants(Header(9, "b1", 50)) is False


def test_a_finding_knows_its_mark() -> None:
    """Its place and its number."""
    assert found(110, 2).mark == Told(110, 2)
