"""Series from a store: few points, whole spikes, broken gaps, and figures that rest on what is there."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bessline.errors import BadParameter, NotKnown
from bessline.sources.base import Float64
from bessline.store import Store, ingest
from bessline.store.pyramid import LEVELS, Level
from bessline.store.series import Resolution, Wish, series
from unit_tests.plants import MAY_1, signal_job, source_of

DAYS, STEP_S = 60, 60
DAY_S = 86_400
HOLE = (20 * DAY_S + 40_000, 21 * DAY_S + 40_000)
T_S = np.array([t for t in range(0, DAYS * DAY_S, STEP_S) if not HOLE[0] <= t < HOLE[1]])
SPIKES = np.random.default_rng(3).choice(len(T_S) - 2, 30, replace=False) + 1


def _swings() -> Float64:
    value = np.round(50 + 45 * np.sin(T_S / DAY_S * 4 * np.pi) + np.random.default_rng(0).normal(0, 0.2, len(T_S)), 2)
    value[SPIKES] = np.where(np.arange(30) % 2, 130.0, -30.0) + np.arange(30) / 10
    return value


VALUE = _swings()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("series")
    jobs = [
        signal_job(folder, "b1/bms.voltage", T_S, VALUE),
        signal_job(folder, "b1/aux.import_energy", T_S, np.cumsum(np.abs(VALUE)).round(1)),
        signal_job(folder, "b1/safety.fa1_smoke_flag", T_S, (np.arange(len(T_S)) % 5000 == 7).astype(np.float64)),
        signal_job(folder, "b1/bms.soh", [0, 60, 120, 180], [99, np.nan, 98, 97]),
        signal_job(folder, "b1/env.humidity", [5], [40]),
    ]
    ingest([source_of(folder, *jobs)], folder / "store", workers=0)
    return Store.open(folder / "store")


def ms(t_s: float) -> int:
    return MAY_1 + round(t_s * 1000)


def voltage(start_s: float | None = None, end_s: float | None = None, **options: object) -> Wish:
    span = (None if start_s is None else ms(start_s), None if end_s is None else ms(end_s))
    return Wish("b1", "bms.voltage", *span, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "most", "expected"),
    [(DAYS, 300, "1h"), (DAYS, 1000, "15min"), (40, 2000, "5min"), (10, 2000, "raw"), (DAYS, 100_000, "raw")],
)
def test_auto_takes_the_coarsest_level_that_offers_enough(store: Store, days: int, most: int, expected: str) -> None:
    assert series(store, voltage(0, days * DAY_S, most=most)).resolution == expected


@pytest.mark.parametrize("most", [300, 1000, 2000, 5000])
def test_points_drawn_by_themselves_are_real_samples(store: Store, most: int) -> None:
    """Every stamp with its value stands in the rows, at any level."""
    drawn = series(store, voltage(most=most))
    real = dict(zip((MAY_1 + T_S * 1000).tolist(), VALUE.tolist(), strict=True))
    values = [(t, v) for t, v in zip(drawn.t_ms.tolist(), drawn.value.tolist(), strict=True) if v == v]
    assert len(values) == drawn.points <= most
    assert all(real[t] == v for t, v in values)
    assert (np.diff(drawn.t_ms) > 0).all()


@pytest.mark.parametrize("days", [1, 5, 20, DAYS])
@pytest.mark.parametrize("most", [1000, 2000])
def test_spikes_survive_at_every_zoom(store: Store, days: int, most: int) -> None:
    drawn = series(store, voltage(0, days * DAY_S, most=most))
    inside = set((MAY_1 + T_S[SPIKES][T_S[SPIKES] < days * DAY_S] * 1000).tolist())
    assert len(inside - set(drawn.t_ms.tolist())) <= 1


@pytest.mark.parametrize("resolution", ["auto", "raw", "5min", "15min", "1h"])
@pytest.mark.parametrize("most", [100, 2000])
def test_a_hole_of_a_day_is_one_break(store: Store, resolution: Resolution, most: int) -> None:
    drawn = series(store, voltage(most=most, resolution=resolution))
    (null,) = drawn.t_ms[np.isnan(drawn.value)].tolist()
    assert ms(HOLE[0]) - 60_000 < null < ms(HOLE[1])
    assert drawn.coverage == pytest.approx(1 - 1 / DAYS, abs=1e-3)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(-3600, DAYS * DAY_S),
    span=st.integers(0, DAYS * DAY_S),
    resolution=st.sampled_from(["auto", "raw", "5min", "15min", "1h", "1d"]),
    most=st.integers(10, 3000),
)
def test_a_range_holds_what_lies_in_it_and_nothing_else(
    store: Store, start: int, span: int, resolution: Resolution, most: int
) -> None:
    """However the range cuts the buckets: least, greatest, and never more points than asked for."""
    drawn = series(store, voltage(start, start + span, resolution=resolution, most=most))
    inside = VALUE[(start <= T_S) & (start + span > T_S)]
    low, high = (drawn.value, drawn.value) if drawn.low is None else (drawn.low, drawn.high)
    assert drawn.points <= most
    assert (drawn.points == 0) == (len(inside) == 0)
    if len(inside):
        assert high is not None
        assert (np.nanmin(low), np.nanmax(high)) == (inside.min(), inside.max())
        assert ms(start) <= drawn.t_ms[0] <= drawn.t_ms[-1] < ms(start + span)


@pytest.mark.parametrize("level", ["5min", "15min", "1h", "1d"])
def test_a_level_that_is_named_gives_its_buckets(store: Store, level: Level) -> None:
    """The mean of all values of the bucket, at its start."""
    start = 3 * DAY_S
    drawn = series(store, voltage(start, start + 2 * DAY_S, resolution=level))
    width = LEVELS[level] // 1000
    assert (drawn.resolution, drawn.drawn, drawn.points) == (level, "mean", 2 * DAY_S // width)
    means = [VALUE[(start + k * width <= T_S) & (start + (k + 1) * width > T_S)].mean() for k in range(drawn.points)]
    np.testing.assert_allclose(drawn.value, means)
    assert drawn.t_ms.tolist() == [ms(start + k * width) for k in range(drawn.points)]


def test_counters_are_never_averaged_and_flags_never_lost(store: Store) -> None:
    counter = series(store, Wish("b1", "aux.import_energy", resolution="1h"))
    assert (counter.drawn, set(counter.value[~np.isnan(counter.value)])) == (
        "last",
        set(counter.value[~np.isnan(counter.value)]) & set(np.cumsum(np.abs(VALUE)).round(1)),
    )
    for wish in (Wish("b1", "safety.fa1_smoke_flag", resolution="1d"), Wish("b1", "safety.fa1_smoke_flag", most=1000)):
        flag = series(store, wish)
        raised = (np.arange(len(T_S)) % 5000 == 7).sum()
        assert (set(np.unique(flag.value[~np.isnan(flag.value)])), flag.value[flag.value == 1].size) == ({0, 1}, raised)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata", "America/New_York", "UTC"])
@pytest.mark.parametrize("resolution", ["1h", "1d"])
def test_local_buckets_lose_nothing_and_count_nothing_twice(store: Store, zone: str, resolution: Resolution) -> None:
    """What a counter grew by over all local hours or days of a range is what it grew by over those of UTC."""
    span = {"start_ms": ms(3.37 * DAY_S), "end_ms": ms(50.1 * DAY_S), "most": 5000}
    wish = Wish("b1", "aux.import_energy", resolution=resolution, **span)  # type: ignore[arg-type]
    local, utc = series(store, replace(wish, zone=zone)), series(store, wish)
    assert local.total is not None
    assert utc.total is not None
    counter = np.cumsum(np.abs(VALUE)).round(1)
    inside = np.flatnonzero((ms(0) + T_S * 1000 >= ms(3.37 * DAY_S)) & (T_S < 50.1 * DAY_S))
    grown = counter[inside[-1]] - counter[inside[0] - 1]
    assert np.nansum(local.total) == pytest.approx(grown, abs=1e-6)
    assert np.nansum(utc.total) == pytest.approx(grown, abs=1e-6)
    values = local.t_ms[~np.isnan(local.value)]
    names = [datetime.fromtimestamp(t / 1000, ZoneInfo(zone)) for t in values.tolist()]
    assert {(at.minute, at.second) for at in names} == {(0, 0)}
    assert resolution == "1h" or {at.hour for at in names} == {0}


def test_more_local_days_than_points_are_refused_with_the_number_to_ask_for(store: Store) -> None:
    wish = voltage(0, 20 * DAY_S, resolution="1h", zone="Asia/Kolkata", most=100)
    with pytest.raises(BadParameter, match=r"holds 481 local hours, more than 100; write max_points=481"):
        series(store, wish)


def test_what_is_no_counter_has_no_growth(store: Store) -> None:
    assert series(store, voltage(resolution="1d", zone="Europe/Berlin")).total is None
    assert series(store, Wish("b1", "aux.import_energy")).total is None


def test_a_marker_breaks_the_line(store: Store) -> None:
    drawn = series(store, Wish("b1", "bms.soh"))
    assert ((drawn.t_ms - MAY_1) // 1000).tolist() == [0, 60, 120, 180]
    np.testing.assert_array_equal(drawn.value, [99, np.nan, 98, 97])
    assert (drawn.resolution, drawn.low, drawn.points) == ("raw", None, 3)


def test_coverage_counts_against_the_range_that_was_asked_for(store: Store) -> None:
    """Half of this day lies before the first row. A lone value lets nothing be expected."""
    assert series(store, voltage(-DAY_S / 2, DAY_S / 2)).coverage == pytest.approx(0.5, abs=1e-3)
    assert series(store, voltage(-DAY_S, -1)).coverage == 0
    assert series(store, Wish("b1", "env.humidity")).coverage is None


@pytest.mark.parametrize("resolution", ["auto", "raw", "1h"])
def test_nothing_in_the_range_is_an_empty_series(store: Store, resolution: Resolution) -> None:
    drawn = series(store, voltage(HOLE[0] + 60, HOLE[1] - 60, resolution=resolution))
    assert (drawn.points, drawn.t_ms.tolist(), drawn.coverage) == (0, [], 0)


def test_what_is_not_there_is_named_with_what_is_near(store: Store) -> None:
    with pytest.raises(NotKnown, match="no device 'b2'"):
        series(store, Wish("b2", "bms.soc"))
    with pytest.raises(NotKnown, match=r"no signal of b1 'bms.voltag'; did you mean 'bms.voltage'\?"):
        series(store, Wish("b1", "bms.voltag"))
