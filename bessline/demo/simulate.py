"""The battery itself: charge, voltage, heat and losses of one unit, a day at a time.

Only the pack's state is walked step by step; the cells follow from it by array operations. Within a step of STEP_S
the current is constant, so its integral, the SOC and the energies are exact sums.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bessline.demo.converter import phase_signals
from bessline.demo.cooling import Coolant, coolant, lag
from bessline.demo.drive import Drive
from bessline.demo.measured import auxiliary_signals, bms_signals, housing_signals
from bessline.demo.pack import limits_of, walk
from bessline.demo.plant import STEP_S, STEPS, Unit, random_for, years_at
from bessline.demo.series import Float32, Flow, run_cells, stored_change_kwh
from bessline.demo.site import Meter, Register
from bessline.sources.base import Float64

RELAXATION_S, CELL_LAG_S = 60.0, 5400.0
_STEP_H = STEP_S / 3600


@dataclass
class UnitState:
    """What a unit carries from one day to the next."""

    charge_ah: float
    relaxing_a: float = 0.0
    heat_w: float = 0.0
    base_c: float = 20.5
    taken_away_kw: float = 0.0
    igbt_k: float = 2.0
    auxiliaries: Meter = field(default_factory=lambda: Meter(Register(imported_kwh=18_211.4, exported_kwh=0.0)))


@dataclass(frozen=True, slots=True)
class UnitDay:
    """One simulated day.

    `signals`: by name, float64[STEPS] (constant within a step) or float64[STEPS + 1] (at the edges, read between them).
    `cell_v`, `cell_c`: float32[cells, STEPS]. `energy_kwh`: the day's exact sums.
    """

    signals: dict[str, Float64]
    cell_v: Float32
    cell_c: Float32
    energy_kwh: dict[str, float]


def start_state(unit: Unit) -> UnitState:
    """The unit at rest at the start of the span, just before its first charge."""
    return UnitState(charge_ah=unit.start_soc * unit.cells.pack_capacity_after(0.0))


def simulate_day(unit: Unit, state: UnitState, *, drive: Drive, seed: int, day: int) -> UnitDay:
    """Run `unit` through local day number `day`; `state` is moved to the day's end."""
    years = years_at(day)
    capacity = unit.cells.pack_capacity_after(years)
    amps, charge = walk(drive.asked_a, charge_ah=state.charge_ah, limits=limits_of(capacity))
    relaxing = lag(amps, start=state.relaxing_a, tau_s=RELAXATION_S)
    cooling, base, heat = _temperatures(unit, state, amps=amps, drive=drive)
    cells = run_cells(unit.cells, drive=drive, years=years, flow=Flow(amps, charge, relaxing, base, heat))
    dc_kw = cells.pack_v * amps / 1000
    lost_kw = unit.converter.losses_kw(dc_kw, efficiency_drop=drive.efficiency_drop)
    ac_kw = dc_kw - lost_kw
    igbt = lag(18.0 * lost_kw, start=state.igbt_k, tau_s=400.0)
    energy = {
        **_both_ways("dc", dc_kw),
        **_both_ways("ac", ac_kw),
        "pcs_loss": _kwh(lost_kw),
        "cell_heat": _kwh(cells.heat_w / 1000),
        "stored_change": stored_change_kwh(unit.cells, years=years, charge=charge),
        "auxiliaries": _kwh(cooling.aux_kw),
    }
    housing = housing_signals(cooling, outside_c=drive.outside_c, igbt_k=igbt)
    signals = {
        **bms_signals(cells, amps=amps, soc=charge / capacity, capacity_ah=capacity),
        **{"pcs_ac_kw": ac_kw, "pcs_dc_a": amps, "pcs_dc_v": cells.pack_v},
        **phase_signals(ac_kw, grid_v=_grid_v(seed, unit=unit.index, day=day)),
        **auxiliary_signals(state.auxiliaries, power_kw=cooling.aux_kw),
        **housing,
    }
    state.charge_ah, state.relaxing_a = float(charge[-1]), float(relaxing[-1])
    state.base_c, state.heat_w, state.igbt_k = float(base[-1]), float(heat[-1]), float(igbt[-1])
    return UnitDay(signals, cells.volts, cells.temps, energy)


def _kwh(power_kw: Float64) -> float:
    return float(power_kw.sum()) * _STEP_H


def _both_ways(side: str, power_kw: Float64) -> dict[str, float]:
    return {f"{side}_out": _kwh(np.clip(power_kw, 0, None)), f"{side}_in": _kwh(np.clip(-power_kw, 0, None))}


def _temperatures(unit: Unit, state: UnitState, *, amps: Float64, drive: Drive) -> tuple[Coolant, Float64, Float64]:
    ohm = float((unit.cells.resistance_ohm + unit.cells.polarisation_ohm).mean())
    watts = amps**2 * ohm
    heat = lag(watts, start=state.heat_w, tau_s=CELL_LAG_S)
    away = lag(watts * len(unit.cells.capacity_ah) / 1000, start=state.taken_away_kw, tau_s=900.0)
    state.taken_away_kw = float(away[-1])
    cooling = coolant(drive.outside_c, heat_kw=away[:-1], shift_c=drive.coolant_shift_c)
    base = lag(cooling.outwater_c + 0.06 * (drive.outside_c - 22), start=state.base_c, tau_s=CELL_LAG_S)
    return cooling, base, heat


def _grid_v(seed: int, *, unit: int, day: int) -> Float64:
    rng = random_for(seed, "grid", unit, day)
    knots = 400 + 1.5 * rng.standard_normal(STEPS * STEP_S // 1800 + 1)
    return np.interp(np.arange(STEPS) * STEP_S, np.arange(len(knots)) * 1800.0, knots)
