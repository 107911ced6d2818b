"""Resume: no loss and no duplicate, wherever a connection broke."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bessline.live.findings import Finding
from bessline.live.ident import Id, parse
from bessline.live.ids import LiveId, ReplayId, Told
from bessline.live.joint import joined
from bessline.live.merge import Row
from bessline.live.resume import CatchUp, Missing, missing, starts, told
from bessline.live.section import Placed, Section
from bessline.live.series import Series, Wish
from unit_tests.bessline.live.plants import BASE, row

POSITION = LiveId("s", "c", 1, 100)


def test_an_id_of_this_lap_tells_where_to_go_on() -> None:
    """Everything after it, up to where the stream stands; history takes it as a half-open range."""
    assert starts(POSITION.at(40), [POSITION]) == (POSITION.at(40),)
    assert Missing(40, 100).half_open == (41, 101)


def test_what_cannot_be_told_is_none() -> None:
    """An earlier lap, another store or clock, a replay's id, the future, or no id at all."""
    strangers: list[Id | None] = [LiveId("s", "c", 0, 40), LiveId("x", "c", 1, 40), LiveId("s", "x", 1, 40)]
    for last in [*strangers, ReplayId("s", 40), None, POSITION.at(101)]:
        assert starts(last, [POSITION]) is None


def test_with_two_clocks_each_must_be_known() -> None:
    """An id of one clock says nothing about the other."""
    other = replace(POSITION, clock="d")
    assert starts(POSITION, [POSITION, other]) is None
    assert starts(joined([POSITION.at(10), other]), [POSITION, other]) == (POSITION.at(10), other)


def test_a_reset_names_no_span() -> None:
    """There is nothing that could be fetched."""
    assert told("reset") == {"status": "reset", "missed": 0, "from": None, "to": None, "history": None}


def section(*ks: int, every: int = 1, place: LiveId = BASE) -> Section:
    series = [Series(Wish("b1", f"t{n}", ("soc",)), k=k) for n, k in enumerate(ks)]
    return Section(series, place=place, every=every, step_ms=10)


def caught_up(
    stamps: list[int], *, k: int, after_ms: int, tolerance_ms: int = 10**9, squash: bool = False
) -> list[Placed]:
    twin = section(k, every=k).twin(BASE.at(after_ms), squash=squash)
    catch_up = CatchUp(twin, BASE.at(after_ms), tolerance_ms=[tolerance_ms], squash=squash)
    done = [*catch_up.take([(t, 0, row(t)) for t in stamps]), *catch_up.finish(max(stamps))]
    return [placed for batch in done for placed in batch]


def merged(placed: list[Placed]) -> list[object]:
    return [piece.data.get("merged", 1) for _, _, piece in placed]


def test_with_k_1_every_missed_reading_comes_by_itself() -> None:
    """With the very id that it would have had."""
    assert [place for place, _, _ in caught_up([10, 20], k=1, after_ms=0)] == [BASE.at(10), BASE.at(20)]


def test_missed_readings_are_merged_as_live_ones() -> None:
    """At the same places of data time; the last may be less than full."""
    placed = caught_up([20, 30, 40, 50, 60, 70], k=3, after_ms=10)
    assert [place.t_ms for place, _, _ in placed] == [20, 50, 70]
    assert merged(placed) == [1, 3, 2]


def test_for_who_was_too_slow_all_become_one() -> None:
    """The newest, with the range of all."""
    placed = caught_up([20, 30, 40, 50, 60, 70], k=1, after_ms=10, squash=True)
    assert (merged(placed), placed[0][0]) == ([6], BASE.at(70))


def test_a_gap_that_was_missed_is_told() -> None:
    """Gaps are never merged away, and come after the readings before them."""
    placed = caught_up([10, 20, 90], k=3, after_ms=0, tolerance_ms=30)
    assert [piece.event for _, _, piece in placed] == [None, "gap", None]


ROWS = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 2)), unique=True, max_size=50)


def live(rows: list[tuple[int, int]], ks: list[int], every: int) -> tuple[Section, list[Placed]]:
    """What an unbroken connection gets, tick by tick of 10 ms, and where it stands at the end."""
    all_ = section(*ks, every=every)
    placed: list[Placed] = []
    for now_ms in range(10, 311, 10):
        for t_ms, index in rows:
            if now_ms - 10 < t_ms <= now_ms:
                all_.series[index].add([(t_ms, row(t_ms))])
        if all_.is_turn(now_ms):
            placed += all_.flush(now_ms)
    return all_, placed


def resumed(last: LiveId, rows: list[tuple[int, int]], to: Section, *, block: int) -> list[Placed]:
    """What a client that comes back with `last` gets from the store until it stands where `to` stands."""
    (start,) = starts(parse(str(last)), [to.place]) or ()
    spans = [span for _, span in missing(to, start)]
    missed: list[tuple[int, int, Row]] = [
        (t, index, row(t)) for t, index in rows if spans[index].after_ms < t <= spans[index].upto_ms
    ]
    catch_up = CatchUp(to.twin(start), start, tolerance_ms=[10**9] * len(to.series))
    done = [*catch_up.take(missed[:block]), *catch_up.take(missed[block:]), *catch_up.finish(to.place.t_ms)]
    return [placed for batch in done for placed in batch]


def stood_for(placed: list[Placed]) -> dict[str, int]:
    """How many readings of each topic were told of."""
    counts: dict[str, Any] = {}
    for _, wish, piece in placed:
        counts[wish.topic] = counts.get(wish.topic, 0) + piece.data.get("merged", 1)
    return counts


@given(rows=ROWS, ks=st.lists(st.integers(1, 3), min_size=3, max_size=3), every=st.integers(1, 4), data=st.data())
def test_wherever_it_breaks_each_reading_counts_once(
    rows: list[tuple[int, int]], ks: list[int], every: int, data: st.DataObject
) -> None:
    """Broken after any event, also amid a batch, also amid the catch-up of an earlier break: no loss, no duplicate."""
    rows = sorted(rows)
    to, told_live = live(rows, ks, every)
    within = {f"t{n}": sum(1 for t, index in rows if index == n and t <= to.place.t_ms) for n in range(3)}
    seen = told_live[: data.draw(st.integers(0, len(told_live)))]
    for _ in range(3):
        last = seen[-1][0] if seen else BASE
        more = resumed(last, rows, to, block=data.draw(st.integers(0, 50)))
        assert stood_for(seen + more) == {topic: n for topic, n in within.items() if n}
        seen += more[: data.draw(st.integers(0, len(more)))]


@given(rows=ROWS, every=st.integers(1, 4), data=st.data())
def test_every_topic_is_told_in_order(rows: list[tuple[int, int]], every: int, data: st.DataObject) -> None:
    """Over a break as without one."""
    rows = sorted(rows)
    to, told_live = live(rows, [1, 1, 1], every)
    seen = told_live[: data.draw(st.integers(0, len(told_live)))]
    seen += resumed(seen[-1][0] if seen else BASE, rows, to, block=7)
    for n in range(3):
        stamps = [piece.t_ms for _, wish, piece in seen if wish.topic == f"t{n}"]
        assert stamps == [t for t, index in rows if index == n and t <= to.place.t_ms]


@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9)), max_size=40),
    flushes=st.sets(st.integers(0, 40)),
    data=st.data(),
)
def test_input_that_comes_in_when_it_likes_loses_nothing(
    rows: list[tuple[int, int]], flushes: set[int], data: st.DataObject
) -> None:
    """One topic may be far behind another: the id says of each how far it is."""
    series = [Series(Wish("b1", f"t{n}", ("soc",)), k=1) for n in range(3)]
    to = Section(series, place=BASE, every=1, step_ms=10, levels=[0, 0, 0])
    stamps, stored, told_live = [0, 0, 0], list[tuple[int, int]](), list[Placed]()
    for n, (index, more_ms) in enumerate(rows):
        stamps[index] += more_ms
        stored.append((stamps[index], index))
        to.series[index].add([(stamps[index], row(stamps[index]))])
        if n in flushes:
            told_live += to.flush(max(stamps))
    told_live += to.flush(max(stamps))
    seen = told_live[: data.draw(st.integers(0, len(told_live)))]
    for _ in range(3):
        more = resumed(seen[-1][0] if seen else BASE, sorted(stored), to, block=data.draw(st.integers(0, 40)))
        for index in range(3):
            told = [piece.t_ms for _, wish, piece in seen + more if wish.topic == f"t{index}"]
            assert told == [t for t, other in stored if other == index]
        seen += more[: data.draw(st.integers(0, len(more)))]


def test_a_break_amid_the_catch_up_of_a_break_amid_a_batch() -> None:
    """What was begun ends where it would have ended, so a topic that was told already is not told again."""
    rows = [(15, 1), (15, 2), (20, 0), (25, 2)]
    to, told_live = live(rows, [1, 1, 1], 1)
    seen = told_live[:1]
    assert seen[0][2].t_ms == 20
    seen += resumed(seen[-1][0], rows, to, block=9)[:1]
    seen += resumed(seen[-1][0], rows, to, block=9)
    assert stood_for(seen) == {"t0": 1, "t1": 1, "t2": 2}


def found(key_ms: int, seq: int) -> Finding:
    return Finding(key_ms, seq, "b1", "anomaly", key_ms, {"n": seq})


def told_findings(placed: list[Placed]) -> list[int]:
    return [int(str(piece.data["n"])) for _, _, piece in placed if piece.event == "anomaly"]


def live_with(rows: list[tuple[int, int]], findings: list[Finding], ks: list[int]) -> tuple[Section, list[Placed]]:
    """What an unbroken connection gets when a finding is told with the tick that reaches its place, or the next."""
    all_ = section(*ks, every=max(ks))
    placed: list[Placed] = []
    for now_ms in range(10, 401, 10):
        for t_ms, index in rows:
            if now_ms - 10 < t_ms <= now_ms:
                all_.series[index].add([(t_ms, row(t_ms))])
        for finding in findings:
            # one that became known late has the place of the tick before it is told
            if now_ms - 10 < finding.key_ms + (10 if finding.seq % 3 == 0 else 0) <= now_ms:
                all_.tell(finding)
        if all_.is_turn(now_ms):
            placed += all_.flush(now_ms)
    return all_, placed


def resumed_with(last: LiveId, rows: list[tuple[int, int]], findings: list[Finding], to: Section) -> list[Placed]:
    (start,) = starts(parse(str(last)), [to.place]) or ()
    spans = [span for _, span in missing(to, start)]
    missed: list[tuple[int, int, Row]] = [
        (t, index, row(t)) for t, index in rows if spans[index].after_ms < t <= spans[index].upto_ms
    ]
    catch_up = CatchUp(to.twin(start), start, tolerance_ms=[10**9] * len(to.series))
    catch_up.find([finding for finding in findings if start.findings < finding.mark <= to.place.findings])
    done = [*catch_up.take(missed), *catch_up.finish(to.reached_ms)]
    return [placed for batch in done for placed in batch]


@given(
    rows=ROWS,
    keys=st.lists(st.integers(1, 300), max_size=12),
    ks=st.sampled_from([[1], [3], [1, 1, 1], [2, 1, 3]]),
    data=st.data(),
)
def test_each_finding_is_told_once_over_any_breaks(
    rows: list[tuple[int, int]], keys: list[int], ks: list[int], data: st.DataObject
) -> None:
    """Between readings, amid a batch, known in time or late: none is lost, none comes twice; nor does a reading."""
    rows = sorted((t, index) for t, index in rows if index < len(ks))
    findings, passed = list[Finding](), 0
    for seq, key in enumerate(keys, 1):
        # who is known later than one that was known late is told behind it
        key = max(key, passed + 1)
        if seq % 3 == 0:
            key = passed = -(-key // 10) * 10
        findings.append(found(key, seq))
    findings.sort()
    to, told_live = live_with(rows, findings, ks)
    everything = sorted(told_findings(told_live))
    assert everything == sorted(finding.seq for finding in findings)
    seen = told_live[: data.draw(st.integers(0, len(told_live)))]
    within = stood_for(told_live)
    for _ in range(3):
        more = resumed_with(seen[-1][0] if seen else BASE, rows, findings, to)
        assert sorted(told_findings(seen + more)) == everything
        assert stood_for(seen + more) == within
        seen += more[: data.draw(st.integers(0, len(more)))]


def test_for_who_was_too_slow_findings_are_not_merged() -> None:
    """They come behind the one reading that stands for all."""
    catch_up = CatchUp(section(1, every=1).twin(BASE, squash=True), BASE, tolerance_ms=[10**9], squash=True)
    catch_up.find([found(12, 1), found(25, 2)])
    done = [*catch_up.take([(t, 0, row(t)) for t in (10, 20, 30)]), *catch_up.finish(30)]
    placed = [each for batch in done for each in batch]
    assert (merged(placed)[0], told_findings(placed)) == (3, [1, 2])
    assert placed[0][0].findings < placed[1][0].findings == Told(12, 1)


def test_a_finding_of_a_batch_that_was_begun_comes_with_its_end() -> None:
    """Not amid the next one, whose readings it would take along."""
    rows = [(20, 0), (20, 1), (30, 0), (40, 0)]
    to, told_live = live_with(rows, [found(20, 1)], [1, 1])
    last = told_live[0][0]
    assert last.amid is not None
    more = resumed_with(last, rows, [found(20, 1)], to)
    assert [(piece.event, piece.t_ms) for _, _, piece in more] == [(None, 20), ("anomaly", 20), (None, 30), (None, 40)]
    assert more[2][0].t_ms >= 30
