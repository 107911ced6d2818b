"""A device day by day: what was expected, what came, and what is wrong with it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bessline.quality import report
from bessline.quality.days import Day
from bessline.quality.report import Asked, Page, SignalDay, page
from bessline.quality.spans import Spans
from bessline.store import Store, ingest
from unit_tests.plants import MAY_1, signal_job, source_of

DAY_S, HOUR_S = 86_400, 3600
T_S = np.arange(0, 10 * DAY_S, 60)
HOLE = (2 * DAY_S + 22 * HOUR_S, 3 * DAY_S + 2 * HOUR_S)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Ten days of a temperature with a hole over midnight, a stuck sensor over midnight, a spike and a wild value."""
    folder = tmp_path_factory.mktemp("quality")
    temp = np.round(20 + 5 * np.sin(T_S / 7000) + np.random.default_rng(0).normal(0, 0.2, len(T_S)), 2)
    temp[(T_S >= 5.5 * DAY_S) & (T_S < 6.4 * DAY_S)] = 21.5
    temp[DAY_S // 60 + 5] = 35.0
    temp[8 * DAY_S // 60] = 400.0
    kept = (HOLE[0] > T_S) | (HOLE[1] <= T_S)
    jobs = [
        signal_job(folder, "b1/env.temperature", T_S[kept], temp[kept]),
        signal_job(folder, "b1/bms.soh", T_S, np.full(len(T_S), 99.0)),
        signal_job(folder, "b1/pcs.temp_igbt", T_S[4 * DAY_S // 60 :][: 3 * DAY_S // 60], temp[: 3 * DAY_S // 60]),
        signal_job(folder, "b1/env.humidity", [100.0], [40.0]),
    ]
    ingest([source_of(folder, *jobs, timezone="Europe/London")], folder / "store", workers=0)
    return Store.open(folder / "store")


def asked(*names: str, stuck_s: float | None = 12 * HOUR_S, start_s: float = 0, end_s: float | None = None) -> Asked:
    end_ms = None if end_s is None else ms(end_s)
    return Asked("b1", names, ms(start_s), end_ms, stuck_s)


def ms(t_s: float) -> int:
    return MAY_1 + round(t_s * 1000)


def whole(store: Store, name: str) -> Page:
    return page(store, asked(name))


def test_days_are_local_and_the_first_and_last_are_what_there_is(store: Store) -> None:
    """Summer in London: a day begins at 23:00 UTC."""
    found = whole(store, "env.temperature")
    assert [day.date.day for day in found.days] == list(range(1, 12))
    hours = [(day.end_ms - day.start_ms) / 3_600_000 for day in found.days]
    assert hours[:10] == [23.0, *[24.0] * 9]
    days = found.signals["env.temperature"]
    assert (days[0].expected, days[0].present, days[1].expected, days[1].present) == (1380, 1380, 1440, 1440)
    assert sum(day.present for day in days) == len(T_S) - 240
    assert found.next_ms is None


def test_a_gap_over_midnight_is_in_both_days(store: Store) -> None:
    """From the last value before it to the first behind it, cut at midnight."""
    days = whole(store, "env.temperature").signals["env.temperature"]
    gaps = [(int(a), int(b)) for day in days for a, b in zip(day.gaps.first_ms, day.gaps.last_ms, strict=True)]
    midnight = ms(2 * DAY_S + 23 * HOUR_S)
    assert gaps == [(ms(HOLE[0] - 60), midnight), (midnight, ms(HOLE[1]))]


def test_what_is_stuck_is_found_over_midnight_and_habits_are_not(store: Store) -> None:
    """21.6 hours at one temperature; a state of health that never moves is no sensor that stands still."""
    days = whole(store, "env.temperature").signals["env.temperature"]
    spans = [(int(a), int(b)) for day in days for a, b in _pairs(day.findings["stuck"])]
    assert spans == [
        (ms(5.5 * DAY_S), ms(5 * DAY_S + 23 * HOUR_S)),
        (ms(5 * DAY_S + 23 * HOUR_S), ms(6.4 * DAY_S - 60)),
    ]
    assert all(not len(day.findings["stuck"]) for day in whole(store, "bms.soh").signals["bms.soh"])


def test_a_page_of_one_day_sees_what_began_before_it(store: Store) -> None:
    """The run's 21.6 hours are far more than the hours of it in this page."""
    found = page(store, asked("env.temperature", start_s=6 * DAY_S, end_s=6 * DAY_S + HOUR_S))
    (day,) = found.signals["env.temperature"]
    assert [(int(a), int(b)) for a, b in _pairs(day.findings["stuck"])] == [(ms(6 * DAY_S), ms(6 * DAY_S + HOUR_S))]
    assert (day.expected, day.present) == (60, 60)


def test_spikes_and_wild_values_stand_at_their_stamps(store: Store) -> None:
    days = whole(store, "env.temperature").signals["env.temperature"]
    spikes = [int(a) for day in days for a, _ in _pairs(day.findings["spikes"])]
    wild = [(int(a), v) for day in days for a, v in _firsts(day.findings["out_of_range"])]
    assert spikes == [ms(DAY_S + 300), ms(8 * DAY_S)]
    assert wild == [(ms(8 * DAY_S), 400.0)]


def test_what_was_not_there_yet_is_not_missing_and_what_fell_silent_is(store: Store) -> None:
    found = page(store, asked("pcs.temp_igbt", "env.temperature"))
    days = found.signals["pcs.temp_igbt"]
    assert [day.expected for day in days[:4]] == [0, 0, 0, 0]
    assert [day.present for day in days[8:]] == [0, 0, 0]
    assert days[9].expected == 1440
    assert days[9].first_ms is None
    (gap,) = _pairs(days[9].gaps)
    assert gap == (found.days[9].start_ms, found.days[9].end_ms)
    assert not len(days[2].gaps)


def test_no_more_came_than_was_expected(tmp_path: Path) -> None:
    """Fifty readings are 49 steps: the last one is expected like the others."""
    soc = signal_job(tmp_path, "b1/bms.soc", np.arange(50) * 59, np.full(50, 40.0))
    ingest([source_of(tmp_path, soc)], tmp_path / "store", workers=0)
    (day,) = page(Store.open(tmp_path / "store"), asked("bms.soc")).signals["bms.soc"]
    assert (day.expected, day.present) == (50, 50)


def test_a_last_day_that_is_whole_lets_expect_no_more_than_another(tmp_path: Path) -> None:
    """However short before midnight the newest stamp of the device lies."""
    at = np.arange(40, 2 * DAY_S, 59)
    jobs = [
        signal_job(tmp_path, "b1/bms.soc", at, np.full(len(at), 40.0)),
        signal_job(tmp_path, "b1/bms.soh", [2 * DAY_S - 1.0], [99.0]),
    ]
    ingest([source_of(tmp_path, *jobs)], tmp_path / "store", workers=0)
    first, last = page(Store.open(tmp_path / "store"), asked("bms.soc")).signals["bms.soc"]
    assert (first.expected, last.expected) == (1464, 1464)


def test_a_signal_without_a_period_lets_nothing_be_expected(store: Store) -> None:
    days = whole(store, "env.humidity").signals["env.humidity"]
    assert (days[0].expected, days[0].present, days[0].first_ms) == (None, 1, ms(100))


def test_coverage_alone_leaves_the_values_unchecked(store: Store) -> None:
    found = page(store, asked("env.temperature", stuck_s=None))
    assert all(day.findings == {} for day in found.signals["env.temperature"])


def test_pages_together_are_the_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fits into one page: the same days, with the same findings."""
    once = whole(store, "env.temperature")
    monkeypatch.setattr(report, "MOST_ROWS", 4000)
    wish = asked("env.temperature")
    days: list[Day] = []
    signals: list[SignalDay] = []
    while True:
        found = page(store, wish)
        assert len(found.days) <= 2
        days += found.days
        signals += found.signals["env.temperature"]
        if found.next_ms is None:
            break
        wish = replace(wish, start_ms=found.next_ms)
    assert days == list(once.days)
    for one, other in zip(signals, once.signals["env.temperature"], strict=True):
        assert (one.expected, one.present, one.first_ms) == (other.expected, other.present, other.first_ms)
        assert _pairs(one.gaps) == _pairs(other.gaps)
        assert _pairs(one.findings["stuck"]) == _pairs(other.findings["stuck"])


def test_a_range_without_data_has_no_days(store: Store) -> None:
    found = page(store, asked("env.temperature", start_s=20 * DAY_S))
    assert (found.days, found.signals["env.temperature"], found.next_ms) == ((), (), None)


def test_the_tiny_plant_is_sound(tiny_store: Path) -> None:
    """Nothing of an undisturbed simulation is out of range or stuck."""
    plant = Store.open(tiny_store)
    names = tuple(name for name in plant.devices["bess1"].signals)
    found = page(plant, Asked("bess1", names, stuck_s=12 * HOUR_S))
    for name, days in found.signals.items():
        for day in days:
            assert not len(day.findings["out_of_range"]), name
            assert not len(day.findings.get("stuck", ())), name


def _pairs(spans: Spans) -> list[tuple[int, int]]:
    return list(zip(spans.first_ms.tolist(), spans.last_ms.tolist(), strict=True))


def _firsts(spans: Spans) -> list[tuple[int, float]]:
    return list(zip(spans.first_ms.tolist(), spans.value.tolist(), strict=True))
