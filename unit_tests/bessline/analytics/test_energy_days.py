"""Efficiencies by day: each direction by itself, gaps not bridged, and a drop only where both ends are known."""

import math

import pytest

from bessline.analytics.energy_days import DAY_MS, Drop, EnergyDays

STEP_MS = 300_000


def run(days: int, *, loss: dict[int, float] | None = None, lost: frozenset[int] = frozenset()) -> EnergyDays:
    """`days` days of a cycle each: 100 kW in for six hours, then out until SOC is where it was, AC beside DC.

    `loss` by day is the share that the converter loses, 3 % where nothing is said; `lost` days have no values.
    """
    energy, soc = EnergyDays(longest_ms=900_000), 10.0
    for day in range(days + 1):
        share = next((value for first, value in sorted((loss or {}).items(), reverse=True) if day >= first), 0.03)
        for n in range(DAY_MS // STEP_MS):
            dc_kw = -100.0 if 24 <= n < 96 else 97.0 if 120 <= n < 192 else 0.0
            ac_kw = dc_kw * (1 - share) if dc_kw > 0 else dc_kw * (1 + share)
            soc -= math.copysign(1.0, dc_kw) if dc_kw else 0.0
            if day in lost:
                dc_kw = ac_kw = math.nan
            energy.add(day * DAY_MS + n * STEP_MS, ac_kw=ac_kw, dc_kw=dc_kw, soc=soc)
    return energy


def test_a_day_has_its_energies() -> None:
    day = run(2).days[1]
    assert [day.dc_in, day.dc_out] == pytest.approx([600.0, 582.0])
    assert day.converter == pytest.approx(100 * (582 * 0.97 + 600) / (582 + 618))
    assert day.counts


def test_a_converter_that_falls_is_seen_within_the_week() -> None:
    drop = run(12, loss={9: 0.04, 10: 0.05, 11: 0.055}).converter_drop()
    assert isinstance(drop, Drop)
    assert drop.points == pytest.approx(2.4, abs=0.1)
    assert drop.coverage == 1.0


def test_a_steady_converter_drops_by_nothing() -> None:
    drop = run(12).converter_drop()
    assert drop is not None
    assert drop.points == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("lost", [frozenset({11}), frozenset({4, 5, 6})])
def test_without_one_of_its_ends_there_is_no_drop(lost: frozenset[int]) -> None:
    assert run(12, lost=lost).converter_drop() is None
    assert run(3).converter_drop() is None


def test_the_round_trip_is_compared_over_a_month() -> None:
    drop = run(40, loss={30: 0.07}).round_trip_drop()
    assert drop is not None
    assert drop.before == pytest.approx(100 * 0.97 * 0.97 / 1.03, abs=0.1)
    assert drop.points == pytest.approx(100 * 0.97 * (0.97 / 1.03 - 0.93 / 1.07), abs=0.1)
    assert run(20).round_trip_drop() is None


def test_a_gap_is_not_bridged() -> None:
    energy = EnergyDays(longest_ms=60_000)
    for t_ms in (0, 3_600_000):
        energy.add(t_ms, ac_kw=100.0, dc_kw=100.0, soc=50.0)
    assert (energy.days[0].ac_out, energy.days[0].covered_ms) == (0.0, 0)


def test_noise_of_soc_is_no_cycle() -> None:
    energy = EnergyDays(longest_ms=60_000)
    for n in range(2000):
        energy.add(n * 30_000, ac_kw=0.0, dc_kw=0.0, soc=50.0 + n % 2)
    assert sum(day.soc_rise for day in energy.days) == 0.0
