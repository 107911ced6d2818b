"""What a demo plant is: its units, their cells and converters, and when it ran."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

from bessline.demo.converter import Converter
from bessline.sources.base import Float64

STEP_S = 10
DAY_S = 86_400
STEPS = DAY_S // STEP_S
NOMINAL_AH = 280.0
NOMINAL_CELL_V = 3.2
TIMEZONE = "Asia/Shanghai"
#: That zone has kept one offset since 1991, so local time needs no table.
START = datetime(2024, 5, 1, tzinfo=timezone(timedelta(hours=8)))
#: A cell is full or empty for the BMS at these states of charge; the first cell to get there stops the pack.
CELL_FULL, CELL_EMPTY = 0.9932, 0.050
#: What the BMS reports at those two moments.
SOC_FULL, SOC_EMPTY = 0.97, 0.02
#: Healthy cells were balanced to this at the top.
BALANCED_SOC = 0.985


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one unit in series, pack by pack; every array float64[cells].

    `capacity_ah`, `resistance_ohm` (ohmic) and `polarisation_ohm` hold at the start and at 25 °C; `balanced_ah` is the
    charge in each cell at the moment of balancing; `fade_per_year` and `growth_per_year` are shares of capacity and
    resistance; `warmth_c` is how much warmer than the coolant a cell sits, `heat_gain` its own share of self-heating.
    """

    capacity_ah: Float64
    balanced_ah: Float64
    resistance_ohm: Float64
    polarisation_ohm: Float64
    fade_per_year: Float64
    growth_per_year: Float64
    warmth_c: Float64
    heat_gain: Float64

    def capacity_after(self, years: float) -> Float64:
        """Capacity (Ah) of each cell `years` after the start."""
        return self.capacity_ah * (1 - self.fade_per_year * years)

    def growth_after(self, years: float) -> Float64:
        """Factor on the resistances `years` after the start."""
        return 1 + self.growth_per_year * years

    @property
    def empty_ah(self) -> Float64:
        """Charge (Ah) of each cell when the pack's SOC is 0; it stays, for fade takes capacity away at the top."""
        bottom = float((CELL_EMPTY * self.capacity_ah - self.balanced_ah).max())
        top = float((CELL_FULL * self.capacity_ah - self.balanced_ah).min())
        zero = bottom - SOC_EMPTY * (top - bottom) / (SOC_FULL - SOC_EMPTY)
        return self.balanced_ah + zero

    def pack_capacity_after(self, years: float) -> float:
        """Charge (Ah) between SOC 0 and 100 % of the pack: SOC x this is the charge it holds."""
        return float((CELL_FULL * self.capacity_after(years) - self.empty_ah).min()) / SOC_FULL


@dataclass(frozen=True, slots=True)
class Unit:
    """One storage unit: `packs` x `per_pack` cells in series and a converter."""

    index: int
    device_id: str
    packs: int
    per_pack: int
    cells: Cells
    converter: Converter
    start_soc: float
    exports_cells: bool

    @property
    def cell_names(self) -> list[tuple[int, int]]:
        """(pack, cell) of each cell in order, counted from 1."""
        return [(pack, cell) for pack in range(1, self.packs + 1) for cell in range(1, self.per_pack + 1)]

    def place_of(self, pack: int, cell: int) -> int:
        """Index of one cell in the arrays of `cells`."""
        return (pack - 1) * self.per_pack + cell - 1


@dataclass(frozen=True, slots=True)
class Plant:
    """The units of one site over `days` local days from `START`."""

    days: int
    seed: int
    units: tuple[Unit, ...]

    @property
    def span_s(self) -> int:
        """Length of the run in seconds."""
        return self.days * DAY_S


def years_at(day: int) -> float:
    """Age of the plant, in years, at the start of local day number `day`."""
    return day / 365.25


def utc_text(second: float) -> str:
    """The instant `second` seconds after the start, as RFC 3339.

    >>> utc_text(0)
    '2024-04-30T16:00:00Z'
    """
    return (START + timedelta(seconds=second)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def random_for(seed: int, *parts: str | int) -> np.random.Generator:
    """A generator of its own for each thing and day, so that adding one thing changes no other."""
    return np.random.default_rng([seed, *(zlib.crc32(str(part).encode()) for part in parts)])


def _spread_cells(rng: np.random.Generator, *, packs: int, per_pack: int) -> Cells:
    count = packs * per_pack
    along = np.tile(np.linspace(-1, 1, per_pack), packs)
    capacity = 284.0 * (1 + 0.004 * _bounded(rng, count))
    return Cells(
        capacity_ah=capacity,
        balanced_ah=capacity * (BALANCED_SOC + 0.0025 * _bounded(rng, count)),
        resistance_ohm=0.13e-3 * (1 + 0.04 * _bounded(rng, count)),
        polarisation_ohm=0.09e-3 * (1 + 0.05 * _bounded(rng, count)),
        fade_per_year=0.018 + 0.003 * _bounded(rng, count),
        growth_per_year=0.04 + 0.01 * _bounded(rng, count),
        warmth_c=2.0 + 1.2 * (1 - along**2) + 0.2 * _bounded(rng, count),
        heat_gain=1 + 0.06 * _bounded(rng, count),
    )


def _bounded(rng: np.random.Generator, count: int) -> Float64:
    # Cells are sorted at the factory: one far outlier would set the limits of the whole pack.
    return np.clip(rng.standard_normal(count), -2.2, 2.2)


def standard_plant(*, days: int, devices: int, seed: int, packs: int = 5, per_pack: int = 52) -> Plant:
    """The plant of the demo: `devices` units of 5 x 52 cells; the first one exports its single cells.

    >>> [unit.device_id for unit in standard_plant(days=1, devices=2, seed=1).units]
    ['bess1', 'bess2']
    """
    units = tuple(
        Unit(
            index=index,
            device_id=f"bess{index + 1}",
            packs=packs,
            per_pack=per_pack,
            cells=_spread_cells(random_for(seed, "cells", index), packs=packs, per_pack=per_pack),
            converter=Converter(),
            start_soc=0.064 + 0.031 * (index % 7),
            exports_cells=index == 0,
        )
        for index in range(devices)
    )
    return Plant(days=days, seed=seed, units=units)
