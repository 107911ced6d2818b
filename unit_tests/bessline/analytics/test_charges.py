"""Charges are found once each, with their end, and a charge that did not reach the top is known as such."""

import math
from collections.abc import Iterable

import numpy as np
import pytest

from bessline.analytics.charges import Charge, ChargeFinder
from unit_tests.bessline.analytics.charging import Paper, charge_and_discharge

Tick = tuple[int, float, float, float]


def found(ticks: Iterable[Tick]) -> list[Charge]:
    finder = ChargeFinder(period_s=30)
    charges = [finder.step(t, soc=soc, amps=amps, volts=volts, celsius=25.0) for t, soc, amps, volts in ticks]
    return [charge for charge in charges if charge is not None]


def days(count: int) -> list[Tick]:
    readings = [reading for day in range(count) for reading in Paper().day(day)]
    return [(reading.t_ms, *map(float, reading.value[:3].tolist())) for reading in readings]  # type: ignore[misc]


def test_one_charge_a_day_is_found_with_its_end() -> None:
    charges = found(days(3))
    assert len(charges) == 3
    taken_in = -charge_and_discharge().clip(max=0).sum() / 120
    for day, charge in enumerate(charges):
        assert charge.end_ms == days(day + 1)[day * 2880 + 519][0]
        assert charge.reached
        assert charge.comparable
        assert charge.charge_ah == pytest.approx(taken_in, rel=0.01)
        assert charge.soc_end - charge.soc_start > 80
        assert charge.window_a.max() <= 1.6 * charge.reference_a
        assert charge.window_ms[-1] == charge.end_ms


def test_idle_days_have_no_charge() -> None:
    assert found((n * 30_000, 50.0, 0.0, 850.0) for n in range(3000)) == []


def test_a_charge_that_stops_half_way_did_not_reach_the_top() -> None:
    ticks = days(1)
    stopped = [(t, min(soc, 60.0), amps if soc < 60 else max(amps, 0.0), volts) for t, soc, amps, volts in ticks]
    charges = found(ticks + [(t + 86_400_000, soc, amps, volts) for t, soc, amps, volts in stopped])
    assert [charge.reached for charge in charges] == [True, False]


def test_a_short_pause_does_not_make_two_charges() -> None:
    ticks = [(t, soc, 0.0 if 300 <= n < 302 else amps, volts) for n, (t, soc, amps, volts) in enumerate(days(1))]
    assert len(found(ticks)) == 1


@pytest.mark.parametrize("lost", [range(510, 540), range(515, 600)])
def test_an_end_that_was_not_seen_is_no_end(lost: range) -> None:
    """Whether its values are missing or its rows."""
    ticks = days(1)
    blind = [(t, soc, math.nan if n in lost else amps, volts) for n, (t, soc, amps, volts) in enumerate(ticks)]
    holed = [tick for n, tick in enumerate(ticks) if n not in lost]
    for each in (blind, holed):
        assert [charge.reached for charge in found(each)] == [False]


def test_another_way_of_charging_is_not_compared_until_it_is_the_usual_one() -> None:
    """The fifth of the new kind sets another reference."""
    new = [(t + 5 * 86_400_000, soc, 3 * amps if -40 < amps < 0 else amps, volts) for t, soc, amps, volts in days(7)]
    charges = found(days(5) + new)
    assert [charge.comparable for charge in charges] == [True] * 5 + [False] * 5 + [True] * 2
    assert charges[-1].reference_a == pytest.approx(3 * charges[0].reference_a, rel=0.2)


def test_nothing_but_nan_raises_nothing() -> None:
    assert found((n * 30_000, np.nan, np.nan, np.nan) for n in range(500)) == []
