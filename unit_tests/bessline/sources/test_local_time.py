"""Wall clock to UTC, both days of summer time included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bessline.errors import SourceError
from bessline.sources.base import Int64
from bessline.sources.local_time import MISSING_HOUR, REPEATED_HOUR, Ambiguous, LocalTime, check_zone, transitions
from bessline.sources.seconds import Seconds
from unit_tests.bessline.sources.reading import stamp

ZONES = sorted(available_timezones())
EPOCH = datetime(1970, 1, 1)


def wall(*stamps: str) -> Int64:
    return np.array(stamps, "datetime64[ms]").astype(np.int64)


def utc(clock: LocalTime, *stamps: str) -> list[str]:
    return [stamp(t) for t in clock.to_utc(wall(*stamps)).t_ms]


def row_by_row(zone: str, local_ms: int, *, fold: int) -> int | None:
    """The obvious way, by zoneinfo; None for a time that does not exist."""
    naive = EPOCH + timedelta(milliseconds=local_ms)
    instant = naive.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive:
        return None
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@settings(max_examples=150)
@given(
    zone=st.sampled_from(ZONES),
    first=st.integers(0, 7_000_000_000),
    steps=st.lists(st.integers(-8000, 400_000), min_size=1, max_size=60),
    policy=st.sampled_from(["earliest", "latest"]),
    past_ms=st.sampled_from([0, 7]),
)
@example(zone="Australia/Lord_Howe", first=1_712_415_000, steps=[900] * 30, policy="latest", past_ms=0)
@example(zone="Pacific/Apia", first=1_325_100_000, steps=[3600] * 50, policy="earliest", past_ms=7)
@example(zone="Africa/Casablanca", first=1_680_000_000, steps=[86_000] * 60, policy="earliest", past_ms=0)
def test_every_zone_agrees_with_zoneinfo_row_by_row(
    zone: str, first: int, steps: list[int], policy: Ambiguous, past_ms: int
) -> None:
    """The vectorised conversion is the obvious one, only faster; seconds stay seconds."""
    local_ms = np.maximum(np.cumsum([first, *steps]), 90_000) * 1000 + past_ms
    local = Seconds.of(local_ms) or local_ms
    converted = LocalTime(zone, ambiguous=policy).to_utc(local)
    assert type(converted.stamps) is type(local)
    fold = int(policy == "latest")
    expected = [row_by_row(zone, ms, fold=fold) for ms in local_ms.tolist()]
    missing = np.zeros(len(local_ms), np.uint8) if converted.problem is None else converted.problem
    got = [None if lost else t for t, lost in zip(converted.t_ms.tolist(), missing == MISSING_HOUR, strict=True)]
    assert got == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize("chunk", [1, 7, 50, 150, 10_000])
@pytest.mark.parametrize("past_ms", [0, 7])
def test_a_whole_walk_through_the_repeated_hour_comes_back_as_it_was(zone: str, chunk: int, past_ms: int) -> None:
    """Rows in file order say which of the two hours is meant, wherever the blocks are cut."""
    fold = next(t for t in transitions(zone, *[1_710_000_000_000] * 2) if t.is_fold and t.utc_ms > 1_700_000_000_000)
    t_ms = np.arange(fold.utc_ms - 7_200_000, fold.utc_ms + 7_200_000, 59_000) + past_ms
    local_ms = t_ms + np.where(t_ms < fold.utc_ms, fold.before, fold.after)
    clock, local = LocalTime(zone), Seconds.of(local_ms) or local_ms
    parts = [clock.to_utc(local[n : n + chunk]) for n in range(0, len(local), chunk)]
    assert all(part.problem is None for part in parts)
    assert np.concatenate([part.t_ms for part in parts]).tolist() == t_ms.tolist()


def test_the_missing_hour_is_named_and_the_hours_beside_it_are_read() -> None:
    """02:30 did not exist in Berlin on 31 March 2024."""
    clock = LocalTime("Europe/Berlin")
    converted = clock.to_utc(wall("2024-03-31T01:59:59", "2024-03-31T02:00", "2024-03-31T02:59:59", "2024-03-31T03:00"))
    assert converted.problem is not None
    assert converted.problem.tolist() == [0, MISSING_HOUR, MISSING_HOUR, 0]
    assert [stamp(t) for t in converted.t_ms[[0, 3]]] == ["2024-03-31T00:59:59", "2024-03-31T01:00:00"]
    assert "Europe/Berlin" in clock.reason(MISSING_HOUR)
    assert "forward" in clock.reason(MISSING_HOUR)


def test_one_pass_through_the_repeated_hour_is_read_as_the_first_and_noted() -> None:
    """Nothing in the file tells the passes apart, so the user is told what was chosen."""
    clock = LocalTime("Europe/Berlin")
    assert utc(clock, "2024-10-27T02:10", "2024-10-27T02:50", "2024-10-27T03:10") == [
        "2024-10-27T00:10:00", "2024-10-27T00:50:00", "2024-10-27T02:10:00",
    ]  # fmt: skip
    (note,) = clock.notes()
    assert note.rows == 2
    assert "2024-10-27 02:00" in note.text
    assert "one pass" in note.text


def test_small_inversions_inside_the_repeated_hour_are_no_second_pass() -> None:
    """Order inversions of minutes are a habit of exports; a second pass steps back by more than half an hour."""
    clock = LocalTime("Europe/Berlin")
    assert utc(clock, "2024-10-27T02:40", "2024-10-27T02:20", "2024-10-27T02:41")[-1] == "2024-10-27T00:41:00"
    assert utc(clock, "2024-10-27T02:05")[0] == "2024-10-27T01:05:00"


def test_a_file_appended_twice_begins_the_repeated_hour_anew() -> None:
    """Stamps from before the hour reset the walk: its next visit is a first pass again."""
    clock = LocalTime("Europe/Berlin")
    walk = ("2024-10-27T01:30", "2024-10-27T02:20", "2024-10-27T02:20", "2024-10-27T01:59")
    once = ("2024-10-27T01:30", "2024-10-27T02:45", "2024-10-27T02:05", "2024-10-27T03:05")
    assert utc(clock, *walk) == [
        "2024-10-26T23:30:00", "2024-10-27T00:20:00", "2024-10-27T00:20:00", "2024-10-26T23:59:00",
    ]  # fmt: skip
    expected = ["2024-10-26T23:30:00", "2024-10-27T00:45:00", "2024-10-27T01:05:00", "2024-10-27T02:05:00"]
    assert utc(clock, *once) == expected
    assert utc(clock, *once) == expected
    assert utc(clock, *once, *once) == expected * 2


def test_a_fork_learns_without_teaching_its_origin() -> None:
    """A block can be tried and dropped."""
    clock = LocalTime("Europe/Berlin")
    utc(clock, "2024-10-27T02:50")
    fork = clock.fork()
    assert utc(fork, "2024-10-27T02:00") == ["2024-10-27T01:00:00"]
    assert utc(clock, "2024-10-27T02:30") == ["2024-10-27T00:30:00"]


@pytest.mark.parametrize(("policy", "hour"), [("earliest", "00"), ("latest", "01")])
def test_a_described_policy_is_followed_and_noted(policy: Ambiguous, hour: str) -> None:
    """`ambiguous: latest` reads all of the repeated hour as winter time."""
    clock = LocalTime("Europe/Berlin", ambiguous=policy)
    assert utc(clock, "2024-10-27T02:50", "2024-10-27T02:00")[1] == f"2024-10-27T{hour}:00:00"
    assert "as described" in next(clock.notes()).text


def test_ambiguous_reject_names_the_rows() -> None:
    """Who wants no guess gets none."""
    clock = LocalTime("Europe/Berlin", ambiguous="reject")
    converted = clock.to_utc(wall("2024-10-27T01:00", "2024-10-27T02:00"))
    assert converted.problem is not None
    assert converted.problem.tolist() == [0, REPEATED_HOUR]
    assert "ambiguous: reject" in clock.reason(REPEATED_HOUR)


def test_half_hour_zones_and_no_rows() -> None:
    """Kolkata is 5:30 ahead; an empty block is a block."""
    clock = LocalTime("Asia/Kolkata")
    assert utc(clock) == []
    assert utc(clock, "2024-05-01T00:00") == ["2024-04-30T18:30:00"]


@pytest.mark.parametrize(("wrong", "right"), [("Europe/Berln", "Europe/Berlin"), ("asia/shanghai", "Asia/Shanghai")])
def test_an_unknown_zone_is_answered_with_its_nearest(wrong: str, right: str) -> None:
    """The message holds what to write."""
    with pytest.raises(SourceError, match=right):
        check_zone(wrong)


@pytest.mark.parametrize("name", ["", "Europe", "/etc/passwd", "../UTC", "xyzzy"])
def test_what_is_no_zone_never_reaches_the_file_system(name: str) -> None:
    """Zone names are looked up in the list, not opened as paths."""
    with pytest.raises(SourceError, match="unknown"):
        check_zone(name)


@pytest.mark.parametrize("minutes", [1, 15, 20, 30, 60])
@pytest.mark.parametrize("block", [1, 2, 3, 500])
def test_both_passes_are_told_apart_at_any_cadence(minutes: int, block: int) -> None:
    """Also half-hourly and hourly meters, whose stamps step back by little or not at all."""
    start = np.datetime64("2024-10-26T22:00", "ms").astype(np.int64)
    utc = start + np.arange(0, 6 * 60, minutes, dtype=np.int64) * 60_000
    local = utc + np.where(utc < np.datetime64("2024-10-27T01:00", "ms").astype(np.int64), 7_200_000, 3_600_000)
    clock = LocalTime("Europe/Berlin")
    found = np.concatenate([clock.to_utc(local[at : at + block]).t_ms for at in range(0, len(local), block)])
    np.testing.assert_array_equal(found, utc)
