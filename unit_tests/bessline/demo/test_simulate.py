"""A simulated day closes: charge, DC energy, AC energy."""

from __future__ import annotations

import numpy as np
import pytest

from bessline.demo.cell import stored_wh_per_ah
from bessline.demo.drive import drive_for
from bessline.demo.plant import STEP_S, STEPS, Unit, standard_plant
from bessline.demo.simulate import UnitDay, simulate_day, start_state


@pytest.fixture(scope="module")
def unit() -> Unit:
    return standard_plant(days=3, devices=1, seed=5, packs=2, per_pack=4).units[0]


@pytest.fixture(scope="module")
def days(unit: Unit) -> list[UnitDay]:
    state = start_state(unit)
    drives = [drive_for(unit, seed=5, day=day) for day in range(3)]
    return [simulate_day(unit, state, drive=drive, seed=5, day=day) for day, drive in enumerate(drives)]


def test_soc_integrates_the_current(unit: Unit, days: list[UnitDay]) -> None:
    """On each day the change of SOC times the capacity is the charge that flowed."""
    for number, day in enumerate(days):
        capacity = unit.cells.pack_capacity_after(number / 365.25)
        moved = (day.signals["soc"][-1] - day.signals["soc"][0]) / 100 * capacity
        assert moved == pytest.approx(-day.signals["pack_a"].sum() * STEP_S / 3600, abs=1e-6)


def test_dc_energy_is_stored_or_heat(days: list[UnitDay]) -> None:
    """What went in and did not come out is in the cells or has warmed them."""
    total = {name: sum(day.energy_kwh[name] for day in days) for name in days[0].energy_kwh}
    left = total["dc_in"] - total["dc_out"] - total["stored_change"] - total["cell_heat"]
    assert abs(left) < 1e-4 * total["dc_in"]
    assert total["dc_in"] > 10
    assert total["cell_heat"] > 0


def test_stored_energy_follows_from_the_states(unit: Unit, days: list[UnitDay]) -> None:
    """Reckoned again from the first and the last SOC and the cells' own capacities."""
    soc = days[0].signals["soc"][[0, -1]] / 100 * unit.cells.pack_capacity_after(0.0)
    cells = unit.cells
    levels = [(cells.empty_ah + ah) / cells.capacity_ah for ah in soc]
    held = [float((cells.capacity_ah * stored_wh_per_ah(level)).sum()) for level in levels]
    assert days[0].energy_kwh["stored_change"] == pytest.approx((held[1] - held[0]) / 1000)


def test_ac_is_dc_less_losses(days: list[UnitDay]) -> None:
    """The converter's balance closes, and it always loses."""
    for day in days:
        kwh = day.energy_kwh
        assert kwh["ac_out"] - kwh["ac_in"] == pytest.approx(kwh["dc_out"] - kwh["dc_in"] - kwh["pcs_loss"])
        dc_kw = day.signals["pcs_dc_v"] * day.signals["pcs_dc_a"] / 1000
        assert (dc_kw - day.signals["pcs_ac_kw"] > 0).all()


def test_days_join_without_a_seam(days: list[UnitDay]) -> None:
    """A register and the SOC begin where they ended, but for the day's fade."""
    first, second = days[0].signals, days[1].signals
    assert first["aux_import_kwh"][-1] == second["aux_import_kwh"][0]
    assert first["soc"][-1] == pytest.approx(second["soc"][0], abs=0.01)


def test_every_signal_covers_the_day_and_is_finite(days: list[UnitDay]) -> None:
    """By step or at the edges, and no hole in the simulation itself."""
    for name, values in days[0].signals.items():
        assert values.shape in ((STEPS,), (STEPS + 1,)), name
        assert np.isfinite(values).all(), name


def test_temperatures_are_plausible(days: list[UnitDay]) -> None:
    """Cells between 15 and 45 °C, transistors below 80 °C."""
    cells = np.concatenate([day.cell_c.ravel() for day in days])
    assert 15 < cells.min() < cells.max() < 45
    assert max(day.signals["pcs_igbt_c"].max() for day in days) < 80
