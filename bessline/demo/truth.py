"""What was really so: the answers that analytics on the exports can be held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from bessline.demo.cell import open_circuit_v
from bessline.demo.faults import Fault
from bessline.demo.pack import END_OF_CHARGE_A
from bessline.demo.plant import (
    DAY_S,
    NOMINAL_AH,
    NOMINAL_CELL_V,
    SOC_FULL,
    STEP_S,
    TIMEZONE,
    Plant,
    Unit,
    utc_text,
    years_at,
)
from bessline.demo.simulate import UnitDay
from bessline.sources.base import Float64

SCHEMA_VERSION = 1
_HOUR_STEPS = 3600 // STEP_S

DEFINITIONS = {
    "sign": "discharge positive; meters import positive",
    "energy_kwh": "sums over the whole span at the simulation's step; ac_* at the grid side of the converter, dc_* at "
    "the battery; dc_out - dc_in = -stored_change - cell_heat; ac = dc - pcs_loss",
    "soc_percent": "charge held over capacity_ah; 100 x (soc_end x capacity end - soc_start x capacity start) is the "
    "charge taken in",
    "saturation_v": "voltage of the cell at the end of a charge (SOC 97 %, the final current, 25 Cel) at the start of "
    "the span; saturation_v_per_year its change over the span, saturation_deviation_v_per_year that of the cell minus "
    "the median of its pack",
    "fade": "capacity_per_year and resistance_per_year are shares of the value at the start",
}


class UnitTruth:
    """Gathers the truth of one unit day by day."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.energy: Counter[str] = Counter()
        self.charge_ah: Counter[str] = Counter()
        self.soc: list[float] = []
        self._last_soc = 100 * unit.start_soc

    def add(self, day: UnitDay) -> None:
        """Take one simulated day, in order."""
        self.energy.update(day.energy_kwh)
        ah = day.signals["pack_a"] * STEP_S / 3600
        self.charge_ah.update({"out": float(np.clip(ah, 0, None).sum()), "in": float(np.clip(-ah, 0, None).sum())})
        self.soc += [round(float(value), 4) for value in day.signals["soc"][:-1:_HOUR_STEPS]]
        self._last_soc = float(day.signals["soc"][-1])

    def as_json(self, days: int) -> dict[str, object]:
        """The truth of the unit after `days` days."""
        last = years_at(max(days - 1, 0))
        capacity = self.unit.cells.pack_capacity_after
        return {
            "device_id": self.unit.device_id,
            "nominal_capacity_ah": NOMINAL_AH,
            "nominal_energy_kwh": NOMINAL_AH * NOMINAL_CELL_V * len(self.unit.cell_names) / 1000,
            "capacity_ah": {"start": round(capacity(0.0), 6), "end": round(capacity(last), 6)},
            "soc_percent": {
                "start": round(100 * self.unit.start_soc, 6),
                "end": round(self._last_soc, 6),
                "hourly": {"start": utc_text(0), "step_s": 3600, "values": self.soc},
            },
            "charge_ah": {way: round(ah, 6) for way, ah in self.charge_ah.items()},
            "energy_kwh": {name: round(kwh, 6) for name, kwh in self.energy.items()},
            "spread": _spread(self.unit),
            "cells": _cells(self.unit, years=years_at(days)),
        }


def saturation_v(unit: Unit, *, years: float) -> Float64:
    """Voltage (V) of each cell at the end of a charge, `years` after the start, at 25 °C: float64[cells]."""
    cells = unit.cells
    held = cells.empty_ah + SOC_FULL * cells.pack_capacity_after(years)
    ohm = (cells.resistance_ohm + cells.polarisation_ohm) * cells.growth_after(years)
    return open_circuit_v(held / cells.capacity_after(years)) + END_OF_CHARGE_A * ohm


def _minus_pack(values: Float64, *, packs: int) -> Float64:
    by_pack = values.reshape(packs, -1)
    return (by_pack - np.median(by_pack, axis=1, keepdims=True)).ravel()


def _cells(unit: Unit, *, years: float) -> dict[str, dict[str, float]]:
    before = saturation_v(unit, years=0.0)
    slope = (saturation_v(unit, years=years) - before) / years
    cells = unit.cells
    columns = {
        "capacity_ah": (cells.capacity_ah, 4),
        "capacity_per_year": (-cells.fade_per_year, 6),
        "resistance_mohm": (1000 * (cells.resistance_ohm + cells.polarisation_ohm), 5),
        "resistance_per_year": (cells.growth_per_year, 6),
        "saturation_v": (before, 6),
        "saturation_v_per_year": (slope, 7),
        "saturation_deviation_v_per_year": (_minus_pack(slope, packs=unit.packs), 7),
    }
    lists = [np.round(values, digits).tolist() for values, digits in columns.values()]
    rows = zip(*lists, strict=True)
    names = (f"p{pack}_v{cell}" for pack, cell in unit.cell_names)
    return {name: dict(zip(columns, row, strict=True)) for name, row in zip(names, rows, strict=True)}


def _spread(unit: Unit) -> dict[str, float]:
    cells = unit.cells
    return {
        "capacity_ah_sd": round(float(cells.capacity_ah.std()), 5),
        "resistance_mohm_sd": round(float(1000 * (cells.resistance_ohm + cells.polarisation_ohm).std()), 6),
        "saturation_v_sd": round(float(saturation_v(unit, years=0.0).std()), 6),
    }


def truth_of(plant: Plant, *, units: Sequence[UnitTruth], faults: Sequence[Fault]) -> dict[str, object]:
    """All of truth.json."""
    return {
        "schema_version": SCHEMA_VERSION,
        "seed": plant.seed,
        "timezone": TIMEZONE,
        "start": utc_text(0),
        "end": utc_text(plant.days * DAY_S),
        "definitions": DEFINITIONS,
        "faults": [window.as_json() for fault in faults for window in fault.windows()],
        "devices": {unit.unit.device_id: unit.as_json(plant.days) for unit in units},
    }
