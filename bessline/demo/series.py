"""The cells of one unit in series: from what flows through the string to the voltage and temperature of each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bessline.demo.cell import open_circuit_v, stored_wh_per_ah
from bessline.demo.drive import Drive
from bessline.demo.plant import Cells
from bessline.sources.base import Float64

Float32 = npt.NDArray[np.float32]

_CELL_C_PER_W = 4.5
_COLDER_PER_C = 0.01


class Flow(NamedTuple):
    """What went through the string: `amps` float64[n] by step; the others float64[n + 1] at the edges.

    `charge` Ah in the pack, `relaxing` the current that the slow part of each cell sees (A), `base_c` the temperature
    around the cells, `heat_w` the lagged heat of one cell.
    """

    amps: Float64
    charge: Float64
    relaxing: Float64
    base_c: Float64
    heat_w: Float64


class CellDay(NamedTuple):
    """`volts`, `temps` (°C): float32[cells, n] at the middle of each step; `pack_v` their sum, `heat_w` of all: [n]."""

    volts: Float32
    temps: Float32
    pack_v: Float64
    heat_w: Float64


def run_cells(cells: Cells, *, drive: Drive, years: float, flow: Flow) -> CellDay:
    """Voltage and temperature of every cell at the middle of each step, and the heat (W) in all of them."""
    capacity, empty = cells.capacity_after(years), cells.empty_ah
    factor = cells.growth_after(years) * drive.cell_resistance
    charge, relaxing = middle(flow.charge), middle(flow.relaxing)
    base, heat = middle(flow.base_c), middle(flow.heat_w)
    cold = 1 + _COLDER_PER_C * (25 - base)
    volts, temps = (np.empty((len(capacity), len(charge)), dtype=np.float32) for _ in range(2))
    pack_v, drop_v = np.zeros(len(charge)), np.zeros(len(charge))
    for i, ah in enumerate(capacity):
        drop = factor[i] * cold * (flow.amps * cells.resistance_ohm[i] + relaxing * cells.polarisation_ohm[i])
        v = open_circuit_v((empty[i] + charge) / ah) - drop
        volts[i], temps[i] = v, base + cells.warmth_c[i] + _CELL_C_PER_W * cells.heat_gain[i] * heat
        pack_v += v
        drop_v += drop
    return CellDay(volts, temps, pack_v, drop_v * flow.amps)


def stored_change_kwh(cells: Cells, *, years: float, charge: Float64) -> float:
    capacity, empty = cells.capacity_after(years), cells.empty_ah
    held = [capacity * stored_wh_per_ah((empty + float(ah)) / capacity) for ah in (charge[0], charge[-1])]
    return float((held[1] - held[0]).sum()) / 1000


def middle(edges: Float64) -> Float64:
    return (edges[:-1] + edges[1:]) / 2
