"""What follows from a reading by physics."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

from bessline.analytics import Subject
from bessline.analytics.detectors.quantities import Lag, Quantities
from unit_tests.bessline.analytics.string import HOUR, SUBJECT, string


def test_a_lag_says_nothing_until_it_has_seen_three_times_its_memory() -> None:
    lag = Lag(60.0)
    answers = [lag.update(1.0, elapsed_s=30.0) for _ in range(8)]
    assert [math.isnan(each) for each in answers] == [True] * 5 + [False] * 3


def test_a_lag_follows_and_begins_anew_after_a_hole() -> None:
    lag = Lag(60.0)
    for _ in range(20):
        lag.update(1.0, elapsed_s=30.0)
    assert lag.update(2.0, elapsed_s=60.0) == pytest.approx(2 - math.exp(-1))
    assert math.isnan(lag.update(2.0, elapsed_s=61.0))


def test_a_missing_value_is_time_that_passes() -> None:
    one, other = Lag(600.0, value=0.0, seen_s=9e9), Lag(600.0, value=0.0, seen_s=9e9)
    assert math.isnan(one.update(math.nan, elapsed_s=30.0))
    assert one.update(1.0, elapsed_s=30.0) == other.update(1.0, elapsed_s=60.0)


def test_power_and_loss_follow_from_volts_and_amperes() -> None:
    quantities, values = Quantities(SUBJECT), string(1).values[9 * HOUR :]
    for tick in range(3):
        now = quantities.update(tick * 180_000, values[tick])
    assert now["dc.power"] == now["pcs.dc_voltage"] * -60 / 1000
    assert now["loss"] == now["dc.power"] - now["pcs.apparent_power"]
    assert now["cells.sum"] == pytest.approx(now["bms.voltage"], abs=0.01)


def at_shares(*shares: float) -> list[Mapping[str, float]]:
    """The numbers of a charge that runs at such shares of its power, a reading each."""
    quantities, row = Quantities(SUBJECT), string(1).values[9 * HOUR]
    power = [SUBJECT.signals.index(name) for name in ("pcs.dc_current", "pcs.apparent_power")]
    found = []
    for tick, share in enumerate(shares):
        now = row.copy()
        now[power] *= share
        found.append(quantities.update(tick * 180_000, now))
    return found


def test_while_the_power_moves_nothing_is_said_of_the_loss() -> None:
    losses = [now["loss"] for now in at_shares(1.0, 1.0, 1.0, 0.9, 0.9, 0.9)]
    assert [math.isnan(loss) for loss in losses] == [True, True, False, True, True, False]


def test_a_charge_that_fades_out_says_nothing_of_the_loss() -> None:
    """Slow as it is, by one percent from reading to reading: its two powers are read up to a reading apart."""
    losses = [now["loss"] for now in at_shares(*np.linspace(1.0, 0.8, 21))]
    assert np.isnan(losses).all()


def test_one_power_is_one_size_whatever_the_highest_was() -> None:
    first, _, again = at_shares(1.0, 1.3, 1.0)
    assert first["dc.size"] == again["dc.size"] == abs(first["dc.power"])
    assert first["dc.square"] == again["dc.square"] == first["dc.power"] ** 2


def test_an_hour_of_charge_stands_beside_what_the_state_of_charge_made_of_it() -> None:
    quantities, plant = Quantities(SUBJECT), string(1)
    for each in plant.readings():
        now = quantities.update(each.t_ms, each.value)
        if each.t_ms == 11 * 3_600_000:
            assert now["charge.hour"] == pytest.approx(-60.0)
            assert now["soc.hour"] == pytest.approx(22.5, abs=1.0)
    assert math.isnan(now["charge.hour"])


def test_a_few_missing_cells_are_taken_as_high_as_the_others_and_many_are_not() -> None:
    names = tuple(f"cells.p1_v{n}" for n in range(1, 101))
    for missing, total in ((2, 320.0), (3, math.nan)):
        value = np.full(100, 3.2)
        value[:missing] = np.nan
        now = Quantities(Subject("b", names, 60.0)).update(0, value)
        assert now["cells.sum"] == pytest.approx(total, nan_ok=True)


def test_it_names_only_what_the_device_can_give() -> None:
    names = Quantities(Subject("b", ("bms.voltage", "bms.current", "pcs.active_power"), 60.0)).names
    assert {"dc.power", "ac.power", "loss", "heat.short"} <= names
    assert not names & {"cells.sum", "phases", "coolant.long"}
